-- wrk: the same request as the other peers', and its latencies as a line of JSON.
wrk.method = "POST"
wrk.headers["User-Agent"] = "cloudflare-email-security-cpp/0.1.0"
wrk.headers["Accept"] = "application/json"
wrk.headers["Authorization"] = "Bearer a-token-for-the-benchmark-0123456789abcdef"
wrk.headers["Content-Type"] = "application/json"
wrk.body = '{"pattern":"0000000.example","pattern_type":"DOMAIN","is_regex":false}'

done = function(summary, latency)
    local errors = summary.errors
    io.write(string.format('{"p50_us": %d, "p99_us": %d, "failures": %d}\n',
        latency:percentile(50), latency:percentile(99),
        errors.connect + errors.read + errors.write + errors.status + errors.timeout))
end

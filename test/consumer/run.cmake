# Builds and runs the consumer:
#   cmake -DWAY=find_package|pkg_config|add_subdirectory -DBUILD=… -DSOURCE=… -DWORK=… -DPYTHON=…
#         -DCOMPILER=… -DFLAGS=…
# With add_subdirectory the library is built once more, as a shared one.
function(run)
    execute_process(COMMAND ${ARGN} COMMAND_ERROR_IS_FATAL ANY OUTPUT_VARIABLE output)
    set(output "${output}" PARENT_SCOPE)
endfunction()

function(expect text)
    string(FIND "${output}" "${text}" at)
    if(at EQUAL -1)
        message(FATAL_ERROR "no '${text}' in: ${output}")
    endif()
endfunction()

set(refusal "invalid argument: id is not a single path segment")

file(REMOVE_RECURSE ${WORK})
# Not optimised: what is tested is not how fast it is.
set(arguments -S ${SOURCE}/test/consumer -B ${WORK}/build -G Ninja "-DCMAKE_CXX_FLAGS=-O0 ${FLAGS}")
separate_arguments(flags_of_build UNIX_COMMAND "${FLAGS}")
if(WAY STREQUAL add_subdirectory)
    list(APPEND arguments -DCONSUMER_SOURCE_DIR=${SOURCE} -DBUILD_SHARED_LIBS=ON)
else()
    run(${CMAKE_COMMAND} --install ${BUILD} --prefix ${WORK}/prefix)
    list(APPEND arguments -DCMAKE_PREFIX_PATH=${WORK}/prefix)
endif()

if(WAY STREQUAL pkg_config)
    file(GLOB_RECURSE found ${WORK}/prefix/cloudflare_email_security.pc)
    cmake_path(GET found PARENT_PATH directory)
    set(ENV{PKG_CONFIG_PATH} ${directory})
    run(pkg-config --cflags --libs cloudflare_email_security cloudflare_simulator)
    separate_arguments(flags UNIX_COMMAND "${output}")
    run(${COMPILER} -std=c++20 -O0 ${flags_of_build} ${SOURCE}/test/consumer/with_simulator.cpp
        -o ${WORK}/with_simulator ${flags})
    run(${WORK}/with_simulator)
    expect("created evil.example")
    return()
endif()

run(${CMAKE_COMMAND} ${arguments} -DCMAKE_CXX_COMPILER=${COMPILER})
if(WAY STREQUAL find_package)
    run(${CMAKE_COMMAND} --build ${WORK}/build)
else()
    run(${CMAKE_COMMAND} --build ${WORK}/build --target consumer)
endif()
run(${WORK}/build/consumer)
expect("${refusal}")
expect(posted)
if(WAY STREQUAL find_package)
    run(${CMAKE_COMMAND} --build ${WORK}/build --target run_host)
    expect("${refusal}")
    run(${WORK}/build/with_simulator)
    expect("created evil.example")
    # What else is installed.
    foreach(file bin/cfes bin/cfes-simulator share/man/man1/cfes.1 share/man/man1/cfes-simulator.1
            share/bash-completion/completions/cfes share/zsh/site-functions/_cfes
            share/fish/vendor_completions.d/cfes.fish
            share/doc/cloudflare_email_security/LICENSE
            share/cloudflare_email_security/mail-providers.txt)
        if(NOT EXISTS ${WORK}/prefix/${file})
            message(FATAL_ERROR "${file} is not installed")
        endif()
    endforeach()
    run(${WORK}/prefix/bin/cfes --version)
    expect("cfes 0.")
else()
    file(GLOB library ${WORK}/build/email_security/src/libcloudflare_email_security.so.0.*.*)
    run(${PYTHON} ${SOURCE}/test/consumer/symbols.py ${library})
    message(STATUS "${output}")
endif()

# The sources are those of the checkout that this port lies in. Whoever publishes the port puts
# vcpkg_from_git with its address and commit here instead.
get_filename_component(SOURCE_PATH "${CURRENT_PORT_DIR}/../../.." ABSOLUTE)

vcpkg_check_features(OUT_FEATURE_OPTIONS features
    FEATURES
        simulator CLOUDFLARE_SIMULATOR
        tools CLOUDFLARE_EXAMPLES)

vcpkg_cmake_configure(
    SOURCE_PATH "${SOURCE_PATH}"
    OPTIONS
        ${features}
        -DCLOUDFLARE_TESTS=OFF
        -DCLOUDFLARE_BENCH=OFF)
vcpkg_cmake_install()
vcpkg_cmake_config_fixup(PACKAGE_NAME cloudflare_email_security
    CONFIG_PATH lib/cmake/cloudflare_email_security)
vcpkg_fixup_pkgconfig()
if("simulator" IN_LIST FEATURES)
    vcpkg_copy_tools(TOOL_NAMES cfes-simulator AUTO_CLEAN)
endif()
if("tools" IN_LIST FEATURES)
    vcpkg_copy_tools(TOOL_NAMES cfes AUTO_CLEAN)
endif()
file(REMOVE_RECURSE "${CURRENT_PACKAGES_DIR}/debug/include" "${CURRENT_PACKAGES_DIR}/debug/share")
vcpkg_install_copyright(FILE_LIST "${SOURCE_PATH}/LICENSE")
file(INSTALL "${CMAKE_CURRENT_LIST_DIR}/usage" DESTINATION "${CURRENT_PACKAGES_DIR}/share/${PORT}")

# Stands in for Boost's own package where another standard library than the system's is used: the
# parts that are compiled are built along, from the headers. find_package finds it with
# -DBoost_DIR=<this directory>.
set(Boost_FOUND TRUE)
find_path(Boost_INCLUDE_DIRS boost/version.hpp)
file(STRINGS ${Boost_INCLUDE_DIRS}/boost/version.hpp _boost_version REGEX "define BOOST_LIB_VERSION")
string(REGEX REPLACE ".*\"([0-9]+)_([0-9]+).*" "\\1.\\2.0" Boost_VERSION "${_boost_version}")

if(NOT TARGET Boost::headers)
    add_library(Boost::headers INTERFACE IMPORTED)
    set(_boost_sources ${CMAKE_BINARY_DIR}/boost)
    foreach(_boost_part json url)
        file(WRITE ${_boost_sources}/${_boost_part}.cpp "#include <boost/${_boost_part}/src.hpp>\n")
        add_library(boost_${_boost_part}_along STATIC ${_boost_sources}/${_boost_part}.cpp)
        set_target_properties(boost_${_boost_part}_along PROPERTIES POSITION_INDEPENDENT_CODE ON)
        target_compile_features(boost_${_boost_part}_along PUBLIC cxx_std_20)
        add_library(Boost::${_boost_part} ALIAS boost_${_boost_part}_along)
    endforeach()
    # The parts of Boost.Test, as its own build compiles them.
    foreach(_boost_part compiler_log_formatter debug decorator execution_monitor framework
            junit_log_formatter plain_report_formatter progress_monitor results_collector
            results_reporter test_framework_init_observer test_tools test_tree unit_test_log
            unit_test_main unit_test_monitor unit_test_parameters xml_log_formatter
            xml_report_formatter)
        set(_boost_file ${_boost_sources}/test_${_boost_part}.cpp)
        file(WRITE ${_boost_file}
            "#define BOOST_TEST_SOURCE\n#include <boost/test/impl/${_boost_part}.ipp>\n")
        list(APPEND _boost_test_files ${_boost_file})
    endforeach()
    add_library(boost_test_along SHARED EXCLUDE_FROM_ALL ${_boost_test_files})
    target_compile_definitions(boost_test_along PUBLIC BOOST_TEST_DYN_LINK)
    target_compile_features(boost_test_along PUBLIC cxx_std_20)
    add_library(Boost::unit_test_framework ALIAS boost_test_along)
endif()

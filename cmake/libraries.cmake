# Libraries that do not come with CMake files everywhere, as imported targets cloudflare_NAME: for the
# build of ours, and for who links with the archive that came of it. In cloudflare_missing: which of
# them are not there.
set(cloudflare_missing "")
foreach(library archive csv idn2 psl re2)
    set(header ${library}.h)
    if(library STREQUAL psl)
        set(header libpsl.h)
    elseif(library STREQUAL re2)
        set(header re2/re2.h)
    endif()
    string(TOUPPER ${library} name)
    find_library(CLOUDFLARE_LIB${name} ${library})
    find_path(CLOUDFLARE_LIB${name}_HEADERS ${header})
    mark_as_advanced(CLOUDFLARE_LIB${name} CLOUDFLARE_LIB${name}_HEADERS)
    if(NOT CLOUDFLARE_LIB${name} OR NOT CLOUDFLARE_LIB${name}_HEADERS)
        list(APPEND cloudflare_missing ${library})
    elseif(NOT TARGET cloudflare_${library})
        add_library(cloudflare_${library} UNKNOWN IMPORTED)
        set_target_properties(cloudflare_${library} PROPERTIES
            IMPORTED_LOCATION ${CLOUDFLARE_LIB${name}}
            INTERFACE_INCLUDE_DIRECTORIES ${CLOUDFLARE_LIB${name}_HEADERS})
    endif()
endforeach()

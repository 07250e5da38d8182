import os
import re

from conan import ConanFile
from conan.tools.build import check_min_cppstd
from conan.tools.cmake import CMake, CMakeDeps, CMakeToolchain, cmake_layout
from conan.tools.files import copy, load


class CloudflareEmailSecurity(ConanFile):
    name = "cloudflare-email-security"
    description = "Asynchronous C++20 client for the Cloudflare Email Security API"
    license = "BSL-1.0"
    package_type = "library"
    settings = "os", "arch", "compiler", "build_type"
    options = {"shared": [True, False], "with_simulator": [True, False],
               "with_tools": [True, False]}
    default_options = {"shared": False, "with_simulator": True, "with_tools": False}

    def set_version(self):
        header = load(self, os.path.join(self._root, "include", "cloudflare", "version.hpp"))
        self.version = ".".join(
            re.search(rf"CLOUDFLARE_VERSION_{part} (\d+)", header).group(1)
            for part in ("MAJOR", "MINOR", "PATCH"))

    @property
    def _root(self):
        return os.path.join(self.recipe_folder, "..", "..")

    def export_sources(self):
        for pattern in ("CMakeLists.txt", "LICENSE", "cmake/*", "data/*", "docs/*", "examples/*",
                        "include/*", "src/*"):
            copy(self, pattern, self._root, self.export_sources_folder)

    def requirements(self):
        # Its headers are in ours; the rest is inside.
        self.requires("boost/[>=1.81 <2]", transitive_headers=True)
        self.requires("openssl/[>=3 <4]")
        self.requires("libarchive/[>=3.6 <4]")
        self.requires("libcsv/[>=3.0 <4]")
        self.requires("libidn2/[>=2.3 <3]")
        self.requires("libpsl/[>=0.21 <1]")
        self.requires("re2/[>=20230301]")
        if self.options.with_simulator or self.options.with_tools:
            self.requires("cli11/[>=2.1 <3]")

    def validate(self):
        check_min_cppstd(self, 20)

    def layout(self):
        cmake_layout(self)

    def generate(self):
        CMakeDeps(self).generate()
        chain = CMakeToolchain(self)
        chain.cache_variables["BUILD_SHARED_LIBS"] = bool(self.options.shared)
        chain.cache_variables["CLOUDFLARE_SIMULATOR"] = bool(
            self.options.with_simulator or self.options.with_tools)
        chain.cache_variables["CLOUDFLARE_EXAMPLES"] = bool(self.options.with_tools)
        chain.cache_variables["CLOUDFLARE_TESTS"] = False
        chain.cache_variables["CLOUDFLARE_BENCH"] = False
        chain.generate()

    def build(self):
        cmake = CMake(self)
        cmake.configure()
        cmake.build()

    def package(self):
        CMake(self).install()
        copy(self, "LICENSE", self.source_folder, os.path.join(self.package_folder, "licenses"))

    def package_info(self):
        self.cpp_info.set_property("cmake_file_name", "cloudflare_email_security")
        library = self.cpp_info.components["email_security"]
        library.libs = ["cloudflare_email_security"]
        library.set_property("cmake_target_name", "cloudflare::email_security")
        library.set_property("pkg_config_name", "cloudflare_email_security")
        library.requires = ["boost::headers", "boost::json", "boost::url", "openssl::openssl",
                            "libarchive::libarchive", "libcsv::libcsv", "libidn2::libidn2",
                            "libpsl::libpsl", "re2::re2"]
        library.system_libs = ["pthread"]
        if self.options.with_simulator or self.options.with_tools:
            simulator = self.cpp_info.components["simulator"]
            simulator.libs = ["cloudflare_simulator"]
            simulator.set_property("cmake_target_name", "cloudflare::simulator")
            simulator.set_property("pkg_config_name", "cloudflare_simulator")
            simulator.requires = ["boost::headers", "boost::json", "boost::url",
                                  "openssl::openssl", "cli11::cli11"]
            simulator.system_libs = ["pthread"]

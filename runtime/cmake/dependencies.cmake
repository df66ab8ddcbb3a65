# What the runtime is built on; all of it packaged by Debian.
find_package(Threads REQUIRED)
find_package(msgpack CONFIG REQUIRED)
find_package(CAF REQUIRED COMPONENTS core io)
find_package(OpenSSL REQUIRED)
find_package(PkgConfig REQUIRED)
pkg_check_modules(lmdb REQUIRED IMPORTED_TARGET lmdb)
pkg_check_modules(xxhash REQUIRED IMPORTED_TARGET libxxhash)
pkg_check_modules(sodium REQUIRED IMPORTED_TARGET libsodium)
find_package(spdlog REQUIRED)
find_package(nlohmann_json REQUIRED)
# Only the headers: a program that links the runtime does not need the library.
find_path(TOMLPLUSPLUS_HEADERS toml++/toml.h REQUIRED)
add_library(annals_toml_headers INTERFACE)
target_include_directories(annals_toml_headers INTERFACE ${TOMLPLUSPLUS_HEADERS})


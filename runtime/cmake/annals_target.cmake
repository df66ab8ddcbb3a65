# What every target of ours is compiled with; nothing global.
function(annals_target target)
  target_compile_features(${target} PUBLIC cxx_std_20)
  set_target_properties(${target} PROPERTIES CXX_EXTENSIONS OFF)
  target_compile_options(${target} PRIVATE -Wall -Wextra -Wpedantic -Wno-missing-field-initializers
    # g++ 12 warns of an overlap in "a" + std::to_string(n) that is not there (GCC bug 105651).
    $<$<CXX_COMPILER_ID:GNU>:-Wno-restrict>)
  if(annals_IS_TOP_LEVEL)  # g++ collects its garbage above 1 GiB: a tenth less time, up to a third more memory
    target_compile_options(${target} PRIVATE $<$<CXX_COMPILER_ID:GNU>:--param=ggc-min-heapsize=1048576>)
  endif()
  if(ANNALS_SANITIZE)
    target_compile_options(${target} PRIVATE -fsanitize=${ANNALS_SANITIZE} -fno-sanitize-recover=all -fno-omit-frame-pointer)
    target_link_options(${target} PRIVATE -fsanitize=${ANNALS_SANITIZE})
  endif()
endfunction()

# A library that is installed: an archive, or a shared one when BUILD_SHARED_LIBS says so; either can be linked into a
# shared object. annals_runtime is installed as libannals and annals::runtime.
function(annals_library target)
  annals_target(${target})
  string(REPLACE annals_ "" name ${target})
  string(REPLACE annals_runtime annals file ${target})
  set_target_properties(${target} PROPERTIES EXPORT_NAME ${name} OUTPUT_NAME ${file} POSITION_INDEPENDENT_CODE ON
    VERSION ${PROJECT_VERSION} SOVERSION ${PROJECT_VERSION_MAJOR}.${PROJECT_VERSION_MINOR} INSTALL_RPATH "$ORIGIN")
  # A shared library hides what is not public, unless the tests or benchmarks of annals are built, which look inside.
  if(BUILD_SHARED_LIBS AND NOT ANNALS_TESTS AND NOT ANNALS_BENCHMARKS)
    set(exported "${PROJECT_SOURCE_DIR}/runtime/cmake/exported.map")
    target_link_options(${target} PRIVATE "LINKER:--version-script=${exported}")
    set_target_properties(${target} PROPERTIES LINK_DEPENDS "${exported}")
  endif()
endfunction()

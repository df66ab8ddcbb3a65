# What every target of ours is compiled with; nothing global.
function(annals_target target)
  target_compile_features(${target} PUBLIC cxx_std_20)
  set_target_properties(${target} PROPERTIES CXX_EXTENSIONS OFF)
  target_compile_options(${target} PRIVATE -Wall -Wextra -Wpedantic -Wno-missing-field-initializers
    # g++ 12 warns of an overlap in "a" + std::to_string(n) that is not there (GCC bug 105651).
    $<$<CXX_COMPILER_ID:GNU>:-Wno-restrict>)
  if(ANNALS_SANITIZE)
    target_compile_options(${target} PRIVATE -fsanitize=${ANNALS_SANITIZE} -fno-sanitize-recover=all -fno-omit-frame-pointer)
    target_link_options(${target} PRIVATE -fsanitize=${ANNALS_SANITIZE})
  endif()
endfunction()

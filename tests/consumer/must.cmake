# must(<command>): runs it, fails when it does, and leaves what it printed in `output`.
function(must)
  execute_process(COMMAND ${ARGN} RESULT_VARIABLE status OUTPUT_VARIABLE output ERROR_VARIABLE errors)
  if(NOT status EQUAL 0)
    message(FATAL_ERROR "${ARGN}\n${output}${errors}")
  endif()
  set(output "${output}" PARENT_SCOPE)
endfunction()

# configure(<source> <build> <options>): one of the projects here, with the compiler of the project that is tested
function(configure source build)
  must(${CMAKE_COMMAND} -S ${SOURCE}/${source} -B ${build} -G Ninja -DCMAKE_CXX_COMPILER=${COMPILER}
    -DCMAKE_CXX_COMPILER_LAUNCHER=${LAUNCHER} -DCONSUMER_FLAGS=${FLAGS} ${ARGN})
endfunction()

# expect(<what> <expected>): `output`, without the end of its line
function(expect what expected)
  string(STRIP "${output}" said)
  if(NOT said STREQUAL expected)
    message(FATAL_ERROR "${what} is \"${said}\", not \"${expected}\"")
  endif()
endfunction()

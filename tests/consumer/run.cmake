# Installs the runtime into an empty prefix, and builds and runs a program that finds it there.
function(must)
  execute_process(COMMAND ${ARGN} RESULT_VARIABLE status OUTPUT_VARIABLE output ERROR_VARIABLE output)
  if(NOT status EQUAL 0)
    message(FATAL_ERROR "${ARGN}\n${output}")
  endif()
endfunction()

file(REMOVE_RECURSE ${PLACE})
must(${CMAKE_COMMAND} --install ${BUILD} --prefix ${PLACE}/prefix)
must(${CMAKE_COMMAND} -S ${SOURCE}/project -B ${PLACE}/build -G Ninja -DCMAKE_PREFIX_PATH=${PLACE}/prefix
  -DCMAKE_CXX_COMPILER=${COMPILER} -DCONSUMER_FLAGS=${FLAGS})
must(${CMAKE_COMMAND} --build ${PLACE}/build)
must(${PLACE}/build/program ${PLACE}/store)
file(REMOVE_RECURSE ${PLACE})

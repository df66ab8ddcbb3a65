# Installs what is built into an empty prefix.
include(${SOURCE}/must.cmake)
file(REMOVE_RECURSE ${PLACE})
must(${CMAKE_COMMAND} --install ${BUILD} --prefix ${PREFIX})

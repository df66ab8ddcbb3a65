# What the guide says to a project that uses annals (operating.md). tests/consumer/found does the same.
find_package(annals 0.1 REQUIRED COMPONENTS config)            # without COMPONENTS: annals::runtime alone
target_link_libraries(my_program PRIVATE annals::runtime annals::config)

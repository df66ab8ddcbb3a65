// Collectors of traces that do not do what an exporter wants: nothing listens, nothing answers, everything is refused.
#pragma once

#include <cstdint>
#include <string>
#include <thread>

namespace bench {

class collector {
public:
  enum class kind { gone, slow, refusing };

  /// On 127.0.0.1. Ends the process with a message if it cannot listen.
  explicit collector(kind of);
  collector(const collector&) = delete;
  collector& operator=(const collector&) = delete;
  ~collector();
  std::string endpoint() const { return "http://127.0.0.1:" + std::to_string(port_); }

private:
  int socket_ = -1;
  std::uint16_t port_ = 0;
  std::jthread answering_;  // the last member: it uses the others
};

}  // namespace bench

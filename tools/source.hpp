// Where the commands look: a store, or a node that serves one.
#pragma once

#include "tools/output.hpp"

#include <annals/hosted_types.hpp>
#include <annals/parked.hpp>
#include <annals/remote.hpp>
#include <annals/statistics.hpp>
#include <annals/time_travel.hpp>

#include <filesystem>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace tools {

/// Either a store's directory, or the addresses of a node and the file that says as whom to connect.
struct where {
  where() = default;
  where(std::filesystem::path directory) : store(std::move(directory)) {}

  std::filesystem::path store;
  std::vector<std::string> connect;
  std::filesystem::path as;

  bool is_far() const { return !connect.empty(); }
};

/// Connects, and waits for the link. It does not wait any longer for a node that has refused this one. Errors: those of the file;
/// unreachable, and why the node refuses.
annals::result<annals::remote> connect(const where& to);

/// The calls of a store_view that a node has, too. They do the same there.
class source {
public:
  using visitor = std::function<bool(const annals::record_view&)>;

  virtual ~source() = default;
  virtual annals::result<void> log(annals::position from, const visitor& visit) const = 0;
  virtual annals::result<void> stream(const std::string& id, annals::version from, const visitor& visit) const = 0;
  virtual annals::result<annals::past_bytes> state_of(const annals::hosted_types& types, const std::string& stream,
                                                      const annals::as_of& when) const = 0;
  virtual annals::result<annals::token> head() const = 0;
  virtual annals::result<void> parked(const std::function<bool(std::string_view of, const annals::parked_event&)>& visit) const = 0;
  virtual annals::result<annals::store_stats> stats() const = 0;
};

/// Opens the place and calls `look`. Prints the error if one fails. Returns the exit status.
int with_source(const where& place, const std::function<annals::result<void>(const source&)>& look);

}  // namespace tools

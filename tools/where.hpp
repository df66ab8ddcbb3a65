// Where the commands look: a store, or a node that serves one.
#pragma once

#include "tools/output.hpp"

#include <annals/remote.hpp>
#include <annals/view.hpp>

#include <filesystem>
#include <functional>
#include <string>
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

/// Opens the place and calls `look`. Prints the error if one fails. Returns the exit status.
int with_view(const where& place, const std::function<annals::result<void>(const annals::view&)>& look);

}  // namespace tools

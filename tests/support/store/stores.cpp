#include "support/store/stores.hpp"

#include <fstream>
#include <sstream>

namespace stores {

std::map<std::string, std::string> everything_in(const std::filesystem::path& directory) {
  std::map<std::string, std::string> found;
  for (const auto& entry : std::filesystem::recursive_directory_iterator{directory}) {
    auto& contents = found[entry.path().string()];
    if (!entry.is_regular_file()) continue;
    std::ostringstream all;
    all << std::ifstream{entry.path(), std::ios::binary}.rdbuf();
    contents = all.str();
  }
  return found;
}

}  // namespace stores

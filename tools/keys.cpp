#include "tools/keys.hpp"

#include "tools/output.hpp"

#include <fmt/format.h>
#include <annals/keys.hpp>

namespace tools {

int make_key(const std::string& name, std::string file, bool json) {
  using annals::errc;
  if (!annals::is_node_name(name)) return fail({errc::bad_option, "the name of a node has 1 to 255 bytes and no control characters"});
  if (file.empty() && (name.find('/') != name.npos || name.starts_with('.')))
    return fail({errc::bad_option, "--out must say where the key goes", name + " is no name of a file"});
  if (file.empty()) file = name + ".key";
  const auto key = annals::make_key_file(file);
  if (!key) return fail(key.error());
  if (json)
    fmt::print("{{\"ok\":true,\"name\":{},\"file\":{},\"key\":{}}}\n", json_text(name), json_text(file), json_text(*key));
  else  // JSON's texts are texts of TOML
    fmt::print(
        "{} is the key of {}: it is secret\npublic key: {}\n\nfor the file of peers of each node that it may connect to:\n\n[[peer]]\nname = "
        "{}\nkeys = [{}]\n",
        file, name, *key, json_text(name), json_text(*key));
  return 0;
}

}  // namespace tools

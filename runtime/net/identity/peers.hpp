// The peers that a node knows, from a TOML file: who they are, and what each may do. config/peers.toml is an example with every key.
#pragma once

#include "net/identity/keys.hpp"
#include "net/identity/rights.hpp"

#include <annals/result.hpp>

#include <cstddef>
#include <filesystem>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace annals::net {

struct peer {
  std::string name;
  std::vector<public_key> keys;  ///< one, or two while the key is being replaced
  net::rights rights;
  bool acts_for_others = false;  ///< may say on whose behalf a command is sent; otherwise the principal is its name

  bool may(verb v, std::string_view of) const { return rights.may(v, of); }
};

/// Never changes: a file that is read again gives another object, or an error.
class peers {
public:
  /// Error: bad_option, which names the file and, in `place`, the line of the first mistake.
  static result<peers> load(const std::filesystem::path& file);
  /// The same from a text; errors call it `name`.
  static result<peers> parse(std::string_view text, std::string_view name);

  /// Null if nobody is called so. Valid as long as this object.
  const peer* find(std::string_view name) const;
  /// What a server's handshake asks for.
  std::vector<public_key> keys_of(std::string_view name) const;
  std::size_t size() const { return by_name_.size(); }

private:
  std::map<std::string, peer, std::less<>> by_name_;
};

}  // namespace annals::net

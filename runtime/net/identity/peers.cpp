// The file: tables [[peer]], each with
//
//   name             text, 1 to 255 bytes without control characters; the only peer of this name
//   keys             a list of one or two public keys, "ed25519:…"; nobody else has them
//   append, read, ask, replay, operate, admin
//                    a list of names, or ["*"] for all; nothing if it is left out
//   acts_for_others  true or false; false if it is left out
//
// Anything else is a mistake. Of several mistakes the first line is told.
#include "net/identity/peers.hpp"

#include <annals/keys.hpp>

// Only the headers, so that a program that links the runtime does not need the library, and without exceptions.
#undef TOML_HEADER_ONLY
#define TOML_HEADER_ONLY 1
#define TOML_EXCEPTIONS 0
#include <toml++/toml.h>

#include <fstream>
#include <optional>
#include <sstream>
#include <utility>

namespace annals::net {
namespace {

constexpr std::size_t keys_max = 2;

/// Reads one file; the first mistake is kept, with its line.
class reader {
public:
  explicit reader(std::string_view file) : file_(file) {}

  std::map<std::string, peer, std::less<>> read(const toml::table& all) {
    for (const auto& [key, node] : all)
      if (key.str() != "peer") refuse(node, std::string{key.str()} + ": unknown key; a file of peers has tables [[peer]]");
    if (const auto* one = all.get("peer")) read_peers(*one);
    return std::move(found_);
  }
  std::optional<error> wrong() { return std::move(wrong_); }

private:
  void read_peers(const toml::node& node) {
    const auto* tables = node.as_array();
    if (!tables || !tables->is_array_of_tables()) return refuse(node, "peer: expected tables [[peer]]");
    for (const auto& one : *tables) read_peer(*one.as_table());
  }

  void read_peer(const toml::table& table) {
    peer made;
    const auto* name = table.get("name");
    const auto* keys = table.get("keys");
    if (!name) refuse(table, "a peer without a name");
    if (!keys) refuse(table, "a peer without keys");
    if (name) read_name(*name, made);
    if (keys) read_keys(*keys, made);
    for (const auto& [key, node] : table) {
      if (key.str() == "name" || key.str() == "keys") continue;
      if (key.str() == "acts_for_others")
        read_flag(key.str(), node, made.acts_for_others);
      else if (const auto v = verb_of(key.str()))
        made.rights.grant(*v, read_scope(key.str(), node));
      else
        refuse(node, std::string{key.str()} + ": unknown key; the rights are append, read, ask, replay, operate and admin");
    }
    auto called = made.name;
    found_.try_emplace(std::move(called), std::move(made));
  }

  void read_name(const toml::node& node, peer& made) {
    const auto text = node.value_exact<std::string>();
    if (!text || !is_node_name(*text)) return refuse(node, "name: expected a text of 1 to 255 bytes without control characters");
    if (found_.contains(*text)) return refuse(node, "name: there is another peer called " + *text);
    made.name = *text;
  }

  void read_keys(const toml::node& node, peer& made) {
    const auto* list = node.as_array();
    if (!list || list->empty() || list->size() > keys_max) return refuse(node, "keys: expected a list of one or two public keys");
    for (const auto& one : *list) {
      const auto text = one.value_exact<std::string_view>();
      if (!text) return refuse(one, "keys: expected a text, ed25519:…");
      const auto key = public_key_of(*text);
      if (!key) return refuse(one, "keys: " + key.error().reason);
      const auto [other, is_new] = owners_.try_emplace(*key, made.name);
      if (!is_new) return refuse(one, "keys: the key stands here twice; the other place is of the peer " + other->second);
      made.keys.push_back(*key);
    }
  }

  void read_flag(std::string_view key, const toml::node& node, bool& out) {
    const auto value = node.value_exact<bool>();
    if (!value) return refuse(node, std::string{key} + ": expected true or false");
    out = *value;
  }

  scope read_scope(std::string_view key, const toml::node& node) {
    const auto* list = node.as_array();
    if (!list) return refuse(node, std::string{key} + R"(: expected a list of names, or ["*"])"), scope::nothing();
    std::set<std::string, std::less<>> names;
    for (const auto& one : *list) {
      const auto text = one.value_exact<std::string>();
      if (!text || !is_node_name(*text))
        refuse(one, std::string{key} + ": expected a name: a text of 1 to 255 bytes without control characters");
      else if (!names.insert(*text).second)
        refuse(one, std::string{key} + ": " + *text + " stands here twice");
    }
    if (!names.contains("*")) return scope::of(std::move(names));
    if (names.size() > 1) refuse(node, std::string{key} + R"(: "*" stands alone)");
    return scope::everything();
  }

  void refuse(const toml::node& node, const std::string& why) {
    const auto line = node.source().begin.line;
    if (wrong_ && wrong_->place <= line) return;
    wrong_ = error{errc::bad_option, file_ + ":" + std::to_string(line), why, 0, line};
  }

  std::string file_;
  std::map<std::string, peer, std::less<>> found_;
  std::map<public_key, std::string> owners_;
  std::optional<error> wrong_;
};

}  // namespace

result<peers> peers::parse(std::string_view text, std::string_view name) {
  const auto parsed = toml::parse(text, name);
  if (!parsed) {
    const auto line = parsed.error().source().begin.line;
    return error{errc::bad_option, std::string{name} + ":" + std::to_string(line), std::string{parsed.error().description()}, 0, line};
  }
  reader r{name};
  peers all;
  all.by_name_ = r.read(parsed.table());
  if (auto wrong = r.wrong()) return std::move(*wrong);
  return all;
}

result<peers> peers::load(const std::filesystem::path& file) {
  std::ifstream in{file, std::ios::binary};
  in.peek();  // a directory opens, and fails here
  if (!in.is_open() || in.bad()) return error{errc::bad_option, file.string(), "cannot be read"};
  in.clear();  // an empty file has nothing to peek at
  std::ostringstream text;
  text << in.rdbuf();
  return parse(text.str(), file.string());
}

const peer* peers::find(std::string_view name) const {
  const auto found = by_name_.find(name);
  return found == by_name_.end() ? nullptr : &found->second;
}

std::vector<public_key> peers::keys_of(std::string_view name) const {
  const auto* one = find(name);
  return one ? one->keys : std::vector<public_key>{};
}

}  // namespace annals::net

// The file of peers: what it grants, and its mistakes, each with file and line.
#include "support/temporary_directory.hpp"

#include "net/identity/pair.hpp"
#include "support/printed.hpp"

#include <boost/test/unit_test.hpp>
#include <net/identity/peers.hpp>

#include <fstream>
#include <sstream>

using annals::errc;
using namespace annals::net;

namespace {

std::string key_text(unsigned char number) { return '"' + to_string(public_of(number)) + '"'; }

/// A table [[peer]] of five lines or more.
std::string table(const std::string& name, const std::string& keys, const std::string& more = {}) {
  return "[[peer]]\nname = " + name + "\nkeys = " + keys + "\n" + more + "\n";
}

}  // namespace

BOOST_AUTO_TEST_SUITE(the_file_of_peers)

BOOST_AUTO_TEST_CASE(nothing_is_permitted_that_is_not_in_the_file) {
  const auto all = peers::parse(table("'a'", "[" + key_text(1) + "]"), "peers.toml");
  BOOST_REQUIRE_MESSAGE(all, why(all));
  const auto* a = all->find("a");
  BOOST_REQUIRE(a);
  for (const auto v : verbs) {
    BOOST_TEST(!a->may(v, "account"));
    BOOST_TEST(!a->may(v, ""));
    BOOST_TEST(!a->may(v, "*"));
    BOOST_TEST(!a->rights.may_all(v));
    BOOST_TEST(!a->rights.may_some(v));
  }
  BOOST_TEST(!a->acts_for_others);
  BOOST_TEST(!all->find("b"));
  BOOST_TEST(!all->find(""));
  BOOST_TEST(all->keys_of("b").empty());
  BOOST_TEST((all->keys_of("a") == std::vector{public_of(1)}));
}

BOOST_AUTO_TEST_CASE(each_verb_is_granted_by_itself) {
  for (const auto granted : verbs) {
    const auto word = std::string{to_string(granted)};
    const auto all = peers::parse(
        table("'a'", "[" + key_text(1) + "]", word + " = ['account', 'order']") + table("'b'", "[" + key_text(2) + "]", word + " = ['*']"),
        "peers.toml");
    BOOST_REQUIRE_MESSAGE(all, why(all));
    const auto &some = *all->find("a"), &everything = *all->find("b");
    for (const auto v : verbs) {
      BOOST_TEST(some.may(v, "account") == (v == granted));
      BOOST_TEST(some.may(v, "order") == (v == granted));
      BOOST_TEST(!some.may(v, "accounts"));
      BOOST_TEST(!some.may(v, "Account"));
      BOOST_TEST(some.rights.may_some(v) == (v == granted));
      BOOST_TEST(!some.rights.may_all(v));
      BOOST_TEST(everything.may(v, "anything") == (v == granted));
      BOOST_TEST(everything.rights.may_all(v) == (v == granted));
    }
  }
}

BOOST_AUTO_TEST_CASE(verbs_have_words) {
  for (const auto v : verbs) BOOST_TEST((verb_of(to_string(v)) == v));
  BOOST_TEST(!verb_of("write"));
  BOOST_TEST(!verb_of(""));
}

BOOST_AUTO_TEST_CASE(a_file_without_peers_is_none_s_mistake) { BOOST_TEST(peers::parse("# nobody yet\n", "peers.toml").value().size() == 0); }

BOOST_AUTO_TEST_CASE(case_55_a_mistake_is_named_by_file_and_line) {
  const auto one = "[" + key_text(1) + "]", two = "[" + key_text(2) + "]";
  const std::vector<std::tuple<std::string, std::uint64_t, std::string>> mistakes{
      {"peer = \n", 1, ""},
      {"[peer]\nname = 'a'\n", 1, "expected tables [[peer]]"},
      {"peer = 5\n", 1, "expected tables [[peer]]"},
      {"\n[[peers]]\nname = 'a'\n", 2, "peers: unknown key"},
      {"reload = true\n" + table("'a'", one), 1, "reload: unknown key"},
      {"[[peer]]\nkeys = " + one + "\n", 1, "without a name"},
      {"[[peer]]\nname = 'a'\n", 1, "without keys"},
      {table("5", one), 2, "name: expected a text"},
      {table("''", one), 2, "name: expected a text"},
      {table("\"a\\nb\"", one), 2, "control characters"},
      {table("'" + std::string(256, 'a') + "'", one), 2, "255 bytes"},
      {table("'a'", one) + table("'a'", two), 6, "another peer called a"},
      {table("'a'", "[]"), 3, "one or two"},
      {table("'a'", key_text(1)), 3, "one or two"},
      {table("'a'", "[" + key_text(1) + ", " + key_text(2) + ", " + key_text(3) + "]"), 3, "one or two"},
      {table("'a'", "[5]"), 3, "expected a text"},
      {table("'a'", "[\n'ed25519:abc'\n]"), 4, "32 bytes in base64"},
      {table("'a'", "['rsa:abc']"), 3, "begins with ed25519:"},
      {table("'a'", "[" + key_text(1) + ",\n" + key_text(1) + "]"), 4, "stands here twice"},
      {table("'a'", one) + table("'b'", one), 7, "of the peer a"},
      {table("'a'", one, "write = ['account']"), 4, "write: unknown key"},
      {table("'a'", one, "Append = ['account']"), 4, "Append: unknown key"},
      {table("'a'", one, "append = 'account'"), 4, "append: expected a list"},
      {table("'a'", one, "append = '*'"), 4, "append: expected a list"},
      {table("'a'", one, "read = true"), 4, "read: expected a list"},
      {table("'a'", one, "ask = [5]"), 4, "ask: expected a name"},
      {table("'a'", one, "ask = ['']"), 4, "ask: expected a name"},
      {table("'a'", one, "replay = ['order',\n'order']"), 5, "order stands here twice"},
      {table("'a'", one, "replay = ['*', 'order']"), 4, "\"*\" stands alone"},
      {table("'a'", one, "acts_for_others = 'yes'"), 4, "expected true or false"},
      {table("'a'", one, "append = ['account']\nappend = ['order']"), 5, ""},
  };
  for (const auto& [text, line, why] : mistakes) {
    const auto read = peers::parse(text, "some/peers.toml");
    BOOST_REQUIRE_MESSAGE(!read, text);
    BOOST_TEST(read.error().code == errc::bad_option);
    BOOST_TEST(read.error().place == line, text << read.error().message());
    BOOST_TEST(read.error().message().find("some/peers.toml:" + std::to_string(line)) != std::string::npos, read.error().message());
    BOOST_TEST(read.error().message().find(why) != std::string::npos, read.error().message() << " | " << why);
  }
}

BOOST_AUTO_TEST_CASE(of_several_mistakes_the_first_line_is_told) {
  const auto read = peers::parse(table("'a'", "[" + key_text(1) + "]", "write = []") + table("'a'", "[]", "x = 1"), "peers.toml");
  BOOST_TEST(read.error().place == 4);
}

BOOST_AUTO_TEST_CASE(case_55_a_file_that_cannot_be_read_is_named) {
  const temporary_directory place;
  for (const auto& file : {place.path, place / "none.toml"}) {
    const auto read = peers::load(file);
    BOOST_REQUIRE(!read);
    BOOST_TEST(read.error().code == errc::bad_option);
    BOOST_TEST(read.error().message().find(file.string()) != std::string::npos);
  }
  std::ofstream{place / "empty.toml"};
  BOOST_TEST(peers::load(place / "empty.toml").value().size() == 0);
}

BOOST_AUTO_TEST_CASE(the_example_that_comes_with_annals_shows_every_key) {
  const auto all = peers::load(PEERS_TOML);
  BOOST_REQUIRE_MESSAGE(all, why(all));
  const auto *web = all->find("shop-web"), *replica = all->find("replica-1");
  BOOST_REQUIRE((web && replica));
  BOOST_TEST(web->may(verb::append, "account"));
  BOOST_TEST(!web->may(verb::append, "shipment"));
  BOOST_TEST(web->may(verb::ask, "balances"));
  BOOST_TEST(!web->rights.may_some(verb::operate));
  BOOST_TEST(replica->rights.may_all(verb::admin));
  BOOST_TEST(replica->rights.may_all(verb::replay));
  std::ostringstream text;
  text << std::ifstream{PEERS_TOML}.rdbuf();
  for (const auto v : verbs) BOOST_TEST(text.str().find("\n" + std::string{to_string(v)} + " = ") != std::string::npos, to_string(v));
  for (const auto* key : {"name", "keys", "acts_for_others"}) BOOST_TEST(text.str().find("\n" + std::string{key} + " = ") != std::string::npos, key);
}

BOOST_AUTO_TEST_SUITE_END()

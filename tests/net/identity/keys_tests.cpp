// Keys: their text, their file, and what they sign.
#include "support/temporary_directory.hpp"

#include "net/identity/pair.hpp"
#include "support/printed.hpp"

#include <annals/keys.hpp>
#include <boost/test/unit_test.hpp>

#include <sys/stat.h>

#include <fstream>
#include <sstream>

namespace fs = std::filesystem;
using annals::errc;
using namespace annals::net;

namespace {

std::string content(const fs::path& file) {
  std::ostringstream text;
  text << std::ifstream{file, std::ios::binary}.rdbuf();
  return text.str();
}

/// A file that only its owner may read.
void write(const fs::path& file, std::string_view text) {
  std::ofstream{file, std::ios::binary} << text;
  fs::permissions(file, fs::perms::owner_read | fs::perms::owner_write);
}

constexpr const char* seed_of_ones = "AQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQEBAQE=";

}  // namespace

BOOST_AUTO_TEST_SUITE(keys)

BOOST_AUTO_TEST_CASE(a_key_verifies_what_it_signed_and_nothing_else) {
  const auto key = key_of(1);
  const auto signed_by = key.sign("a text");
  BOOST_TEST(verify(key.public_half(), "a text", signed_by));
  BOOST_TEST(!verify(key.public_half(), "a texT", signed_by));
  BOOST_TEST(!verify(key.public_half(), "", signed_by));
  BOOST_TEST(!verify(public_of(2), "a text", signed_by));
  for (std::size_t i = 0; i < signed_by.size(); ++i) {
    auto other = signed_by;
    other[i] ^= 1;
    BOOST_TEST(!verify(key.public_half(), "a text", other));
  }
}

BOOST_AUTO_TEST_CASE(the_public_key_of_a_seed_has_a_golden_text) {
  BOOST_TEST(to_string(public_of(1)) == "ed25519:iojj3XQJ8ZX9UtstPLpdcspnCb8dlBIb83SIAbQPb1w=");
  BOOST_TEST((public_key_of(to_string(public_of(1))).value() == public_of(1)));
}

BOOST_AUTO_TEST_CASE(keys_that_are_made_differ) { BOOST_TEST((node_key::make().value().public_half() != node_key::make().value().public_half())); }

BOOST_AUTO_TEST_CASE(a_text_that_is_no_public_key_says_why) {
  const std::string good = to_string(public_of(1));
  for (const auto& [text, why] : std::vector<std::pair<std::string, std::string>>{
           {"", "begins with ed25519:"},
           {good.substr(8), "begins with ed25519:"},
           {"ED25519:" + good.substr(8), "begins with ed25519:"},
           {"ed25519:", "32 bytes in base64"},
           {good.substr(0, good.size() - 1), "32 bytes in base64"},
           {good + "=", "32 bytes in base64"},
           {good + " ", "32 bytes in base64"},
           {"ed25519:" + std::string(43, '!') + "=", "32 bytes in base64"},
           {"ed25519:AQEBAQ==", "32 bytes in base64"},
           {"ed25519:" + std::string(42, 'A') + "B=", "32 bytes in base64"},  // the last bits are not zero
           {"ed25519:" + std::string(43, 'A') + "=", "no public key"},        // a point of small order
           {"ed25519:AQ" + std::string(41, 'A') + "=", "no public key"},      // the neutral element
       }) {
    const auto read = public_key_of(text);
    BOOST_REQUIRE_MESSAGE(!read, text);
    BOOST_TEST(read.error().code == errc::undecodable);
    BOOST_TEST(read.error().message().find(why) != std::string::npos, text << ": " << read.error().message());
  }
}

BOOST_AUTO_TEST_CASE(a_key_is_the_same_after_it_was_saved_and_loaded) {
  const temporary_directory place;
  BOOST_TEST(key_of(1).save(place / "node.key").has_value());
  BOOST_TEST((fs::status(place / "node.key").permissions() == (fs::perms::owner_read | fs::perms::owner_write)));
  const auto loaded = node_key::load(place / "node.key");
  BOOST_REQUIRE_MESSAGE(loaded, why(loaded));
  BOOST_TEST((loaded->public_half() == public_of(1)));
  BOOST_TEST((loaded->sign("a text") == key_of(1).sign("a text")));
}

BOOST_AUTO_TEST_CASE(the_file_has_the_form_that_is_documented) {
  const temporary_directory place;
  BOOST_TEST(key_of(1).save(place / "node.key").has_value());
  BOOST_TEST(content(place / "node.key") == "annals-key-1\n# The secret of a node: keep it to yourself. Others know the node by its public key,\n# " +
                                                to_string(public_of(1)) + "\n" + seed_of_ones + "\n");
  write(place / "short.key", std::string{"annals-key-1\n"} + seed_of_ones);
  BOOST_TEST((node_key::load(place / "short.key").value().public_half() == public_of(1)));
}

BOOST_AUTO_TEST_CASE(a_file_that_exists_is_never_overwritten) {
  const temporary_directory place;
  write(place / "node.key", "something else");
  fs::create_symlink(place / "nowhere", place / "dangling.key");
  for (const auto* name : {"node.key", "dangling.key"}) {
    const auto saved = key_of(1).save(place / name);
    BOOST_REQUIRE(!saved);
    BOOST_TEST(saved.error().code == errc::bad_option);
    BOOST_TEST(saved.error().message().find((place / name).string()) != std::string::npos);
  }
  BOOST_TEST(content(place / "node.key") == "something else");
  BOOST_TEST(!fs::exists(place / "nowhere"));
}

BOOST_AUTO_TEST_CASE(case_58_a_key_file_that_others_can_read_is_refused_with_its_name_and_mode) {
  const temporary_directory place;
  const auto file = place / "node.key";
  BOOST_TEST(key_of(1).save(file).has_value());
  for (const auto& [mode, shown] : std::vector<std::pair<unsigned, std::string>>{{0640, "0640"}, {0604, "0604"}, {0620, "0620"}, {0601, "0601"}}) {
    fs::permissions(file, static_cast<fs::perms>(mode));
    const auto loaded = node_key::load(file);
    BOOST_REQUIRE_MESSAGE(!loaded, shown);
    BOOST_TEST(loaded.error().code == errc::bad_option);
    BOOST_TEST(loaded.error().message().find(file.string()) != std::string::npos);
    BOOST_TEST(loaded.error().message().find(shown) != std::string::npos, loaded.error().message());
  }
  fs::permissions(file, fs::perms::owner_read);
  BOOST_TEST(node_key::load(file).has_value());
}

BOOST_AUTO_TEST_CASE(a_file_that_is_no_key_file_is_refused_with_the_line) {
  const temporary_directory place;
  const auto seed = std::string{seed_of_ones};
  for (const auto& [text, line, why] : std::vector<std::tuple<std::string, std::uint64_t, std::string>>{
           {"", 1, "is empty"},
           {"\n", 1, "is no key file"},
           {"-----BEGIN PRIVATE KEY-----\n", 1, "is no key file"},
           {"annals-key-2\n" + seed + "\n", 1, "newer program"},
           {"annals-key-1\n", 1, "ends before the secret"},
           {"annals-key-1\n# only a comment\n", 2, "ends before the secret"},
           {"annals-key-1\n\n" + seed + "\n", 2, "not 32 bytes in base64"},
           {"annals-key-1\n" + seed.substr(1) + "\n", 2, "not 32 bytes in base64"},
           {"annals-key-1\n" + seed + "AAAA\n", 2, "not 32 bytes in base64"},
           {"annals-key-1\r\n" + seed + "\r\n", 1, "newer program"},
           {"annals-key-1\n# a comment\n" + seed + "\n" + seed + "\n", 4, "after the secret"},
       }) {
    write(place / "node.key", text);
    const auto loaded = node_key::load(place / "node.key");
    BOOST_REQUIRE_MESSAGE(!loaded, text);
    BOOST_TEST(loaded.error().code == errc::bad_option);
    BOOST_TEST(loaded.error().place == line, text);
    BOOST_TEST(loaded.error().message().find(why) != std::string::npos, text << loaded.error().message());
    BOOST_TEST(loaded.error().message().find((place / "node.key").string() + ":" + std::to_string(line)) != std::string::npos);
    BOOST_TEST(loaded.error().message().find(seed.substr(1, 20)) == std::string::npos, "an error must not show the secret");
  }
}

BOOST_AUTO_TEST_CASE(what_cannot_be_read_or_created_is_named) {
  const temporary_directory place;
  write(place / "large.key", std::string(5000, '#'));
  fs::create_directory(place / "directory");
  BOOST_REQUIRE(::mkfifo((place / "pipe").c_str(), 0600) == 0);
  for (const auto* name : {"none.key", "large.key", "directory", "pipe"}) {
    const auto loaded = node_key::load(place / name);
    BOOST_REQUIRE_MESSAGE(!loaded, name);
    BOOST_TEST(loaded.error().message().find((place / name).string()) != std::string::npos);
  }
  const auto saved = key_of(1).save(place / "no" / "such" / "directory.key");
  BOOST_REQUIRE(!saved);
  BOOST_TEST(saved.error().message().find("No such file") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(hosts_make_key_files_that_nodes_load) {
  const temporary_directory place;
  const auto made = annals::make_key_file(place / "node.key");
  BOOST_REQUIRE_MESSAGE(made, why(made));
  BOOST_TEST((public_key_of(*made).value() == node_key::load(place / "node.key").value().public_half()));
  BOOST_TEST(!annals::make_key_file(place / "node.key"));
}

BOOST_AUTO_TEST_SUITE_END()

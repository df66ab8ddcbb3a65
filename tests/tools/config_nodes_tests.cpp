// config/serve.toml, config/remote.toml and the options say the same, and a mistake in such a file is named with its line.
#include "support/temporary_directory.hpp"

#include <annals/config.hpp>
#include <boost/test/unit_test.hpp>

#include <fstream>
#include <map>
#include <regex>
#include <set>

using annals::config::load_listen;
using annals::config::load_remote;
using annals::config::parse_listen;
using annals::config::parse_remote;

namespace {

using knobs = std::map<std::string, std::string>;

std::string text_of(std::chrono::milliseconds d) { return std::to_string(d.count()); }

void add_link(knobs& to, const annals::link_options& o) {
  const auto& [tls, heartbeat, time_out] = o;
  to["ca"] = tls ? tls->ca.string() : "";
  to["certificate"] = tls ? tls->certificate.string() : "";
  to["certificate_key"] = tls ? tls->key.string() : "";
  to["heartbeat"] = text_of(heartbeat);
  to["link_time_out"] = text_of(time_out);
}

/// What a file can set, by key. Taking options apart does not compile when a member comes or goes.
knobs node_knobs_of(const annals::listen_options& o) {
  const auto& [at, name, key, peers, link, commands_max, questions_max, deliveries_max, bytes_max, memory_max, sessions_max, session_kept, threads] =
      o;
  knobs all{{"at", at},
            {"name", name},
            {"key", key.string()},
            {"peers", peers.string()},
            {"commands_max", std::to_string(commands_max)},
            {"questions_max", std::to_string(questions_max)},
            {"deliveries_max", std::to_string(deliveries_max)},
            {"bytes_max", std::to_string(bytes_max)},
            {"memory_max", std::to_string(memory_max)},
            {"sessions_max", std::to_string(sessions_max)},
            {"session_kept", text_of(session_kept)},
            {"threads", std::to_string(threads)}};
  add_link(all, link);
  return all;
}

knobs node_knobs_of(const annals::remote_options& o) {
  const auto& [name, key, server_keys, link, time_out, answer_bytes_max, on_link] = o;
  static_cast<void>(on_link);
  std::string keys;
  for (const auto& one : server_keys) keys += one;
  knobs all{{"name", name},
            {"key", key.string()},
            {"server_keys", keys},
            {"time_out", text_of(time_out)},
            {"answer_bytes_max", std::to_string(answer_bytes_max)}};
  add_link(all, link);
  return all;
}

/// Keys of a file that comes with annals, with their values as they are written there; with those that are commented out.
knobs written(const char* path) {
  std::ifstream file{path};
  knobs all;
  static const std::regex assignment{R"(^(?:# )?(\w+) = (["\[0-9].*)$)"};
  std::smatch m;
  for (std::string line; std::getline(file, line);)
    if (std::regex_match(line, m, assignment)) BOOST_TEST(all.emplace(m[1], m[2]).second, line);
  return all;
}

std::string text_with(std::string_view table, const knobs& all) {
  auto text = "[" + std::string{table} + "]\n";
  for (const auto& [key, value] : all) text += key + " = " + value + "\n";
  return text;
}

template <class Parsed>
std::uint64_t line_of_mistake_in(const Parsed& parsed, const std::string& names) {
  BOOST_TEST_REQUIRE(!parsed.has_value(), names);
  const auto& why = parsed.error();
  BOOST_TEST((why.code == annals::errc::bad_option));
  BOOST_TEST(why.message().find("some.toml:" + std::to_string(why.place)) != std::string::npos, why.message());
  BOOST_TEST(why.message().find(names) != std::string::npos, why.message());
  return why.place;
}
auto listen_of(const std::string& text) { return parse_listen(text, "some.toml", "/here"); }
auto remote_of(const std::string& text) { return parse_remote(text, "some.toml", "/here"); }

const std::string least = "[listen]\nname = \"a\"\nkey = \"k\"\npeers = \"p\"\n";
const std::string least_of_remote = "[remote]\nname = \"a\"\nkey = \"k\"\nserver_keys = [\"s\"]\n";

/// Each key of a file sets its knob and no other; TLS takes all three.
template <class Options, class Parse>
void each_key_sets_its_knob(const char* file, std::string_view table, const Options& defaults, Parse&& parse) {
  const auto all = written(file);
  for (const auto& [key, value] : node_knobs_of(defaults)) BOOST_TEST(all.contains(key), key);
  BOOST_TEST(all.size() == node_knobs_of(defaults).size());
  const auto before = node_knobs_of(parse(text_with(table, all)).value());
  for (const auto& [key, value] : all) {
    auto changed = all;
    changed[key] = value.starts_with('[')                               ? "[\"other\"]"
                   : value.find("iB\"") != value.npos                   ? "\"70 MiB\""
                   : std::isdigit(static_cast<unsigned char>(value[0])) ? "7"
                                                                        : "\"7 s\"";
    if (key == "link_time_out") changed[key] = "\"70 s\"";
    if (key == "heartbeat") changed[key] = "\"3 s\"";
    const auto parsed = parse(text_with(table, changed));
    BOOST_TEST_REQUIRE(parsed.has_value(), (parsed ? key : parsed.error().message()));
    for (const auto& [name, now] : node_knobs_of(*parsed)) BOOST_TEST((now != before.at(name)) == (name == key), key + " sets " + name);
  }
}

}  // namespace

BOOST_AUTO_TEST_SUITE(config_of_nodes)

BOOST_AUTO_TEST_CASE(the_files_that_come_with_annals_have_every_knob_with_its_default) {
  const auto listen = load_listen(SERVE_TOML).value();
  const auto defaults = node_knobs_of(annals::listen_options{});
  const std::set<std::string> without_default{"at", "name", "key", "peers", "server_keys"};
  for (const auto& [key, value] : node_knobs_of(listen)) BOOST_TEST((value == defaults.at(key)) != without_default.contains(key), key);
  const auto remote = load_remote(REMOTE_TOML).value();
  const auto of_remote = node_knobs_of(annals::remote_options{});
  for (const auto& [key, value] : node_knobs_of(remote)) BOOST_TEST((value == of_remote.at(key)) != without_default.contains(key), key);
  BOOST_TEST(listen.key == std::filesystem::path{SERVE_TOML}.parent_path() / "ledger.key");
}

BOOST_AUTO_TEST_CASE(each_key_of_listen_sets_its_own_knob_and_no_other) {
  each_key_sets_its_knob(SERVE_TOML, "listen", annals::listen_options{}, listen_of);
}

BOOST_AUTO_TEST_CASE(each_key_of_remote_sets_its_own_knob_and_no_other) {
  each_key_sets_its_knob(REMOTE_TOML, "remote", annals::remote_options{}, remote_of);
}

BOOST_AUTO_TEST_CASE(a_relative_path_begins_beside_the_file) {
  const auto read = listen_of(least + "ca = \"/etc/ca.pem\"\ncertificate = \"tls/c\"\ncertificate_key = \"tls/k\"\n").value();
  BOOST_TEST(read.key == "/here/k");
  BOOST_TEST(read.peers == "/here/p");
  BOOST_TEST(read.link.tls.value().ca == "/etc/ca.pem");
  BOOST_TEST(read.link.tls.value().key == "/here/tls/k");
}

BOOST_AUTO_TEST_CASE(the_options_of_the_runtime_stand_in_the_same_file) {
  BOOST_TEST(annals::config::parse("shards = 3\n" + least + least_of_remote, "some.toml").value().shards == 3u);
  BOOST_TEST(listen_of("shards = 3\n" + least + least_of_remote).value().name == "a");
  BOOST_TEST(line_of_mistake_in(annals::config::parse("listen = 3", "some.toml"), "expected a table") == 1u);
}

BOOST_AUTO_TEST_CASE(case_55_mistakes_in_listen_are_refused_with_their_line) {
  for (const auto& [line, names] : std::map<std::string, std::string>{{"thread = 2", "thread: unknown key"},
                                                                      {"threads = 65", "is not within 1 to 64"},
                                                                      {"commands_max = 0", "commands_max"},
                                                                      {"bytes_max = \"1 KiB\"", "bytes_max"},
                                                                      {"memory_max = \"1 KiB\"", "memory_max"},
                                                                      {"session_kept = 3", "expected a duration"},
                                                                      {"at = \"\"", "expected a text"},
                                                                      {"at = 3", "expected a text"},
                                                                      {"heartbeat = \"6 s\"", "twice heartbeat"},
                                                                      {"link_time_out = \"3 s\"", "is below twice heartbeat, 4000"},
                                                                      {"heartbeat = \"1 ms\"", "heartbeat"}})
    BOOST_TEST(line_of_mistake_in(listen_of(least + line), names) == 5u, line);
  BOOST_TEST(line_of_mistake_in(listen_of(least + "ca = \"a\"\n"), "TLS takes all three") == 1u);
  for (const auto* missing : {"name", "key", "peers"}) {
    const auto text = std::regex_replace(least, std::regex{std::string{"(^|\n)"} + missing + " = .*\n"}, "$1");
    BOOST_TEST(line_of_mistake_in(listen_of("\n" + text), std::string{missing} + ": is missing") == 2u, missing);
  }
  BOOST_TEST(listen_of("shards = 1\n").error().message().find("[listen]") != std::string::npos);
  BOOST_TEST(line_of_mistake_in(listen_of("\n[listen"), "bad_option") == 2u);
}

BOOST_AUTO_TEST_CASE(case_55_mistakes_in_remote_are_refused_with_their_line) {
  for (const auto& [line, names] : std::map<std::string, std::string>{
           {"server_key = \"x\"", "server_key: unknown key"}, {"time_out = \"0 ms\"", "is not within"}, {"answer_bytes_max = 5", "answer_bytes_max"}})
    BOOST_TEST(line_of_mistake_in(remote_of(least_of_remote + line), names) == 5u, line);
  BOOST_TEST(line_of_mistake_in(remote_of("[remote]\nname = \"a\"\nkey = \"k\"\nserver_keys = \"s\"\n"), "server_keys") >= 1u);
  BOOST_TEST(line_of_mistake_in(remote_of("[remote]\nname = \"a\"\nkey = \"k\"\n"), "server_keys") == 1u);
}

BOOST_AUTO_TEST_CASE(a_file_of_nodes_that_cannot_be_read_is_named) {
  const temporary_directory d;
  for (const auto& file : {d / "none.toml", d.path}) {
    BOOST_TEST(load_listen(file).error().message().find(file.string()) != std::string::npos);
    BOOST_TEST(load_remote(file).error().message().find(file.string()) != std::string::npos);
  }
}

BOOST_AUTO_TEST_SUITE_END()

// The `annals` command.
#include "tools/connector_arguments.hpp"
#include "tools/console_arguments.hpp"
#include "tools/demo.hpp"
#include "tools/inspect.hpp"
#include "tools/keys.hpp"
#include "tools/moment.hpp"
#include "tools/output.hpp"
#include "tools/parked.hpp"
#include "tools/read_models.hpp"
#include "tools/replica.hpp"
#include "tools/salvage.hpp"
#include "tools/serve_arguments.hpp"
#include "tools/state.hpp"
#include "tools/stats.hpp"
#include "tools/verify.hpp"

#include <CLI/CLI.hpp>
#include <annals/config.hpp>
#include <annals/version.hpp>

#include <charconv>
#include <chrono>
#include <cstdint>
#include <limits>
#include <string>

namespace {

struct arguments {
  tools::where at;
  std::string config;
  bool json = false;
  tools::demo_options demo;
  tools::log_options log;
  std::string prefix;
  std::string stream;
  std::string account;
  annals::as_of when;
  bool diff = false;
  bool replay = false;
  double watch = 0;  // no seconds were given
  std::string target;
  std::string set_aside;
  tools::parked_options parked;
  std::string node;
  std::string key_file;
  tools::console_command console;
  tools::serve_command serve;
  tools::connector_command connector;
};

void add_json(CLI::App& command, arguments& a) { command.add_flag("--json", a.json, "print JSON: one object, or one per line for lists"); }

/// Adds the options of the subcommands that look at a store.
void add_common(CLI::App& command, arguments& a) {
  command.add_option("--store", a.at.store, "the store's directory")->required();
  add_json(command, a);
}

/// Adds the options of those that take a node instead, too.
void add_common_or_far(CLI::App& command, arguments& a, bool is_required) {
  auto* place = command.add_option_group("place", "where the store is");
  place->add_option("--store", a.at.store, "the store's directory");
  auto* connect = place->add_option("--connect", a.at.connect, "the address of a node that serves it; several: of the same store");
  connect->type_name("ADDRESS:PORT")->allow_extra_args(false);
  place->require_option(is_required ? 1 : 0, 1);
  auto* as = command.add_option("--as", a.at.as, "as whom to connect: a file with a table [remote], TOML");
  as->needs(connect);
  connect->needs(as);
  add_json(command, a);
}

/// Adds the options of the subcommands that open the store for writing.
void add_config(CLI::App& command, arguments& a) { command.add_option("--config", a.config, "options of the runtime, TOML"); }

/// The options from the file that was named, or the defaults.
annals::result<annals::options> options_of(const arguments& a) { return a.config.empty() ? annals::options{} : annals::config::load(a.config); }

CLI::App* add_demo(CLI::App& app, arguments& a) {
  auto* demo = app.add_subcommand("demo", "run the shop: orders through inventory and payment, until all have ended");
  add_common_or_far(*demo, a, false);
  demo->add_option("--input", a.demo.input, "invoices, CSV; without it orders are generated");
  demo->add_flag(
      "--month-first", [&a](auto) { a.demo.dates = tools::date_order::month_first; },
      "read dates of the input as month/day/year, not day/month/year");
  demo->add_option("--stock", a.demo.stock, "the initial stock, CSV: StockCode,Quantity");
  demo->add_option("--initial-stock", a.demo.initial_stock, "initial units of every SKU")->capture_default_str();
  demo->add_option("--orders", a.demo.orders, "the number of orders to generate")->check(CLI::Range(0, 10'000'000))->capture_default_str();
  demo->add_option("--payment-limit", a.demo.payment_limit_cents, "decline payments above this amount, in cents; 0: none")->capture_default_str();
  demo->add_option("--kafka", a.demo.kafka, "publish the events to Kafka, to topics by category")->type_name("BROKERS");
  add_config(*demo, a);
  return demo;
}

/// Replaces a moment by its number of microseconds. Returns what is wrong with it, or an empty text.
std::string as_microseconds(std::string& text) {
  const auto time = tools::parse_moment(text);
  if (!time) return time.error().message();
  text = std::to_string(*time);
  return {};
}

/// What is wrong with the seconds of --watch. Text that is given is not empty.
std::string as_pause(std::string& text) {
  if (text.empty()) return {};
  constexpr double least = 0.05, most = 86'400;
  double seconds = 0;
  const auto* end = text.data() + text.size();
  if (const auto [stopped, wrong] = std::from_chars(text.data(), end, seconds);
      wrong != std::errc{} || stopped != end || seconds < least || seconds > most)
    return "--watch: 0.05 to 86400 seconds";
  return {};
}

CLI::App* add_state(CLI::App& app, arguments& a, const CLI::Range& not_negative) {
  auto* state = app.add_subcommand("state", "print the state of an aggregate or process manager, now or at an earlier point");
  add_common_or_far(*state, a, true);
  state->add_option("stream", a.stream, "its stream, e.g. account-42")->required();
  auto* at = state->add_option("--at", a.when.position, "as of this position of the log")->check(not_negative);
  auto* version = state->add_option("--version", a.when.version, "as of this version of the stream")->check(not_negative)->excludes(at);
  state->add_option("--time", a.when.time, "as of this moment: ISO 8601 in UTC, or microseconds since 1970")
      ->transform(CLI::Validator{as_microseconds, ""})
      ->type_name("MOMENT")
      ->excludes(at)
      ->excludes(version);
  state->add_flag("--diff", a.diff, "print what each event up to then changed");
  return state;
}

/// Adds "parked", which has subcommands of its own.
struct parked_commands {
  CLI::App* list;
  CLI::App* show;
  CLI::App* retry;
  CLI::App* skip;
};

parked_commands add_parked(CLI::App& app, arguments& a, const CLI::Range& not_negative) {
  auto* parked = app.add_subcommand("parked", "events that a read model, a process manager or a subscription could not handle and set aside");
  parked->require_subcommand(1);
  const auto add = [&](const char* name, const char* what, bool is_about_one) {
    auto* command = parked->add_subcommand(name, what);
    add_common_or_far(*command, a, true);
    if (!is_about_one) return command;
    command->add_option("of", a.parked.of, "the projection, the category of the process manager, or subscription/NAME")->required();
    command->add_option("position", a.parked.at, "the position of the event")->required()->check(not_negative);
    return command;
  };
  const parked_commands all{add("list", "print all", false), add("show", "print one, with its event", true),
                            add("retry", "retry one of the bank or the shop; no other process may have the store open", true),
                            add("skip", "skip one permanently; no other process may have the store open", true)};
  for (auto* writing : {all.retry, all.skip}) add_config(*writing, a);
  all.skip->add_flag("--yes", a.parked.yes, "confirm the skip");
  return all;
}

CLI::App* add_replica(CLI::App& app, arguments& a) {
  auto* replica = app.add_subcommand("replica", "keep a copy of the store that another node serves");
  add_common(*replica, a);
  replica->add_option("--from", a.at.connect, "the address of the node; several: of the same store")
      ->type_name("ADDRESS:PORT")
      ->allow_extra_args(false)
      ->required();
  replica->add_option("--as", a.at.as, "as whom to connect: a file with a table [remote], TOML")->required();
  add_config(*replica, a);
  return replica;
}

int run_replica(arguments& a) {
  auto options = options_of(a);
  if (!options) return tools::fail(options.error());
  return tools::run_replica({a.at.store, a.at, a.json, std::move(*options)});
}

CLI::App* add_keys(CLI::App& app, arguments& a) {
  auto* keys = app.add_subcommand("keys", "keys, by which nodes know each other");
  keys->require_subcommand(1);
  auto* make = keys->add_subcommand("new", "make a key, and print its public half");
  make->add_option("name", a.node, "the name of the node that gets it")->required();
  make->add_option("--out", a.key_file, "the new file; without it NAME.key");
  make->add_flag("--json", a.json, "print JSON: one object");
  return make;
}

std::chrono::milliseconds in_milliseconds(double seconds) { return std::chrono::milliseconds{static_cast<std::int64_t>(seconds * 1'000)}; }

int run_demo(arguments& a) {
  a.demo.at = a.at;
  a.demo.json = a.json;
  auto options = options_of(a);
  if (!options) return tools::fail(options.error());
  a.demo.runtime = std::move(*options);
  return tools::run_demo(a.demo);
}

/// Runs a retry or a skip.
template <class Decide>
int decide_parked(arguments& a, Decide&& decide) {
  auto options = options_of(a);
  if (!options) return tools::fail(options.error());
  a.parked.runtime = std::move(*options);
  return decide(a.at, a.parked, a.json);
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app{"annals: an event-sourcing and CQRS runtime inside your program"};
  app.set_version_flag("--version", "annals " + std::string{annals::library_version});
  app.require_subcommand(1);
  arguments a;

  // For unsigned options, CLI11 would read "-1" as the largest number.
  const CLI::Range not_negative{std::int64_t{0}, std::numeric_limits<std::int64_t>::max()};
  auto* demo = add_demo(app, a);
  auto* log = app.add_subcommand("log", "print the log");
  add_common_or_far(*log, a, true);
  log->add_option("--from", a.log.from, "the first position")->check(not_negative)->capture_default_str();
  log->add_option("--limit", a.log.limit, "print at most this many records")->check(not_negative);
  log->add_option("--type", a.log.type, "only events of this type");
  auto* streams = app.add_subcommand("streams", "print the streams and their versions");
  add_common(*streams, a);
  streams->add_option("--prefix", a.prefix, "only streams that begin with this text");
  auto* stream = app.add_subcommand("stream", "print one stream");
  add_common_or_far(*stream, a, true);
  stream->add_option("id", a.stream, "the stream, e.g. order-536365")->required();
  auto* statement = app.add_subcommand("statement", "print what happened to an account of the bank, with its balance");
  add_common(*statement, a);
  statement->add_option("account", a.account, "the account, e.g. 42")->required();
  auto* report = app.add_subcommand("report", "print the shop's revenue by day and country");
  add_common(*report, a);
  auto* state = add_state(app, a, not_negative);
  auto* stats = app.add_subcommand("stats", "print figures: records, streams, bytes, and the positions of all followers");
  add_common_or_far(*stats, a, true);
  auto* watch = stats->add_option("--watch", a.watch, "print them again and again, with their changes, every so many seconds (2), until Ctrl-C");
  watch->type_name("SECONDS")->expected(0, 1)->transform(CLI::Validator{as_pause, ""});
  auto* verify = app.add_subcommand("verify", "check every record of the log, and derived state against it");
  add_common(*verify, a);
  verify->add_flag("--replay", a.replay, "replay every stream, also from its snapshots, and compare the states");
  const auto parked = add_parked(app, a, not_negative);
  auto* backup = app.add_subcommand("backup", "copy the log of a store, also of one in use");
  add_common(*backup, a);
  backup->add_option("directory", a.target, "the directory of the copy; it must not exist")->required();

  auto* salvage = app.add_subcommand("salvage",
                                     "copy the sound records of a damaged store to a new one; positions stay, and "
                                     "a stream ends before its first lost version");
  add_common(*salvage, a);
  salvage->add_option("directory", a.target, "the new store; it must not exist")->required();
  salvage->add_option("--set-aside", a.set_aside, "a new file for sound records that come after a lost version, JSON, one per line");
  const auto* serve = tools::add_serve(app, a.serve);
  const auto* replica = add_replica(app, a);
  auto* promote = app.add_subcommand("promote", "make a replica, or a restored backup, a store that takes commands: when its owner is gone for good");
  add_common(*promote, a);
  const auto* new_key = add_keys(app, a);
  const auto* console = tools::add_console(app, a.console);
  const auto connectors = tools::add_connectors(app, a.connector);

  try {
    app.parse(argc, argv);
  } catch (const CLI::CallForHelp&) {
    std::cout << app.help();
    return 0;
  } catch (const CLI::CallForVersion&) {
    std::cout << app.version() << "\n";
    return 0;
  } catch (const CLI::ParseError& e) {
    std::cerr << "annals: " << e.what() << " (annals --help)\n";
    return 2;
  }
  return tools::with_output([&] {
    if (const auto status = connectors.run(a.connector)) return *status;
    if (demo->parsed()) return run_demo(a);
    if (serve->parsed()) return tools::run_serve(a.serve);
    if (console->parsed()) return tools::run_console(std::move(a.console));
    if (replica->parsed()) return run_replica(a);
    if (promote->parsed()) return tools::promote(a.at.store, a.json);
    if (log->parsed()) return tools::show_log(a.at, a.log, a.json);
    if (streams->parsed()) return tools::show_streams(a.at.store, a.prefix, a.json);
    if (stream->parsed()) return tools::show_stream(a.at, a.stream, a.json);
    if (statement->parsed()) return tools::show_statement(a.at.store, a.account, a.json);
    if (report->parsed()) return tools::show_report(a.at.store, a.json);
    if (state->parsed()) return (a.diff ? tools::show_changes : tools::show_state)(a.at, a.stream, a.when, a.json);
    if (stats->parsed())
      return watch->count() > 0 ? tools::watch_stats(a.at, in_milliseconds(a.watch > 0 ? a.watch : 2), a.json) : tools::show_stats(a.at, a.json);
    if (verify->parsed()) return tools::verify(a.at.store, a.replay, a.json);
    if (parked.list->parsed()) return tools::list_parked(a.at, a.json);
    if (parked.show->parsed()) return tools::show_parked(a.at, a.parked, a.json);
    if (parked.retry->parsed()) return decide_parked(a, tools::retry_parked);
    if (parked.skip->parsed()) return decide_parked(a, tools::skip_parked);
    if (new_key->parsed()) return tools::make_key(a.node, a.key_file, a.json);
    if (salvage->parsed()) return tools::salvage(a.at.store, a.target, a.set_aside, a.json);
    return tools::backup(a.at.store, a.target, a.json);
  });
}

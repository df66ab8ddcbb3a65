#include "tools/serve_arguments.hpp"

#include "tools/output.hpp"
#include "tools/serve.hpp"

#include <annals/config.hpp>

#include <filesystem>

namespace tools {

CLI::App* add_serve(CLI::App& app, serve_command& into) {
  auto* serve = app.add_subcommand("serve", "host the bank and the shop on a store, and let other nodes in");
  serve->add_option("--store", into.store, "the store's directory")->required();
  serve->add_flag("--json", into.json, "print JSON: one object, or one per line for lists");
  serve->add_option("--listen", into.listen, "the address to listen at; without it `at` of the file")->type_name("ADDRESS:PORT");
  serve->add_option("--config", into.config, "options of the runtime and the table [listen], TOML")->required();
  auto* console = serve->add_option("--console", into.console_port, "a port of 127.0.0.1 for the console and for metrics; 0: the system chooses one");
  serve->add_flag("--actions", into.console_acts, "the console may retry, skip and rebuild")->needs(console);
  auto* traces = serve->add_option("--traces", into.traces, "a collector that takes OTLP over HTTP, for the spans of what is traced");
  traces->type_name("http://HOST:PORT");
  serve->add_option("--service", into.service, "the name under which it shows them; without it `name` of the file")->needs(traces);
  return serve;
}

int run_serve(const serve_command& what) {
  serve_options with;
  with.store = what.store;
  with.json = what.json;
  auto options = annals::config::load(what.config);
  if (!options) return fail(options.error());
  with.runtime = std::move(*options);
  auto listen = annals::config::load_listen(what.config);
  if (!listen) return fail(listen.error());
  with.listen = std::move(*listen);
  if (!what.listen.empty()) with.listen.at = what.listen;
  if (what.console_port)
    with.console = annals::console_options{
        .port = *what.console_port, .actions = what.console_acts, .title = std::filesystem::path{what.store}.filename().string()};
  if (!what.traces.empty())
    with.traces = annals::trace_export_options{.endpoint = what.traces, .service = what.service.empty() ? with.listen.name : what.service};
  return serve(std::move(with));
}

}  // namespace tools

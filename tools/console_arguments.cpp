#include "tools/console_arguments.hpp"

namespace tools {

CLI::App* add_console(CLI::App& app, console_command& into) {
  auto* console = app.add_subcommand("console", "serve pages about a store to a browser, beside the program that writes it; read-only");
  console->add_option("--store", into.store, "the store's directory")->required();
  auto& with = into.with;
  console->add_option("--port", with.port, "the port; 0: the system chooses one")->capture_default_str();
  console->add_option("--address", with.address, "the address to listen at; not loopback: with TLS or behind a proxy only")->capture_default_str();
  console->add_option("--host", with.hosts, "a further name by which browsers ask for it; several")->allow_extra_args(false);
  console->add_flag("--behind-proxy", with.behind_proxy, "a proxy in front does TLS, and hands on the header Host");
  console->add_option("--tails", with.tails_max, "live tails at a time, 1 to 256")->capture_default_str();
  console->add_option("--title", with.title, "the name of the store on the pages; without it that of the directory");
  const auto tls = [&with] { return with.tls ? &*with.tls : &with.tls.emplace(); };
  auto* certificate = console->add_option_function<std::string>(
      "--tls-certificate", [tls](const std::string& file) { tls()->certificate = file; }, "a certificate, PEM");
  auto* key = console->add_option_function<std::string>("--tls-key", [tls](const std::string& file) { tls()->key = file; }, "its key, PEM");
  certificate->needs(key);
  key->needs(certificate);
  console->add_flag("--json", into.json, "print JSON: one object");
  return console;
}

}  // namespace tools

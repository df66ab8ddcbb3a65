// The tables that say how nodes meet: [listen] and [remote].
#include <annals/config.hpp>

#include "config/reader.hpp"

namespace annals::config {
namespace {

constexpr std::uint64_t hour_ms = 3'600'000;
constexpr std::uint64_t calls_max = 1'048'576;

void read_link(reader& r, link_options& out, const std::filesystem::path& beside) {
  tls_files files;
  r.file("ca", files.ca, beside);
  r.file("certificate", files.certificate, beside);
  r.file("certificate_key", files.key, beside);
  const bool any = r.has("ca") || r.has("certificate") || r.has("certificate_key");
  if (any && !(r.has("ca") && r.has("certificate") && r.has("certificate_key")))
    r.refuse_table("ca, certificate, certificate_key", "TLS takes all three");
  if (any) out.tls = std::move(files);
  r.duration("heartbeat", out.heartbeat, 10, hour_ms);
  r.duration("link_time_out", out.time_out, 20, 24 * hour_ms);
  const auto least = static_cast<std::uint64_t>(out.heartbeat.count()) * 2;
  r.at_least("link_time_out", static_cast<std::uint64_t>(out.time_out.count()), "twice heartbeat", least, "heartbeat");
}

/// Calls `read` with the table of this name. Errors: bad_option, if the file has none.
template <class Options, class Read>
result<Options> from_table(std::string_view text, std::string_view name, std::string_view table, Read&& read) {
  const auto whole = parsed(text, name);
  if (!whole) return whole.error();
  const auto* found = whole->get_as<toml::table>(table);
  if (!found) return error{errc::bad_option, std::string{name}, "has no table [" + std::string{table} + "]"};
  Options o;
  reader r{*found, name};
  read(r, o);
  for (const std::string_view key : {"name", "key"})
    if (!r.has(key)) r.refuse_table(key, "is missing");
  if (auto wrong = r.finish()) return std::move(*wrong);
  return o;
}

}  // namespace

result<listen_options> parse_listen(std::string_view text, std::string_view name, const std::filesystem::path& beside) {
  return from_table<listen_options>(text, name, "listen", [&](reader& r, listen_options& o) {
    r.text("at", o.at);
    r.text("name", o.name);
    r.file("key", o.key, beside);
    r.file("peers", o.peers, beside);
    read_link(r, o.link, beside);
    r.number("commands_max", o.commands_max, 1, calls_max);
    r.number("questions_max", o.questions_max, 1, calls_max);
    r.number("deliveries_max", o.deliveries_max, 1, calls_max);
    r.bytes("bytes_max", o.bytes_max, std::uint64_t{64} << 10, std::uint64_t{4} << 30);
    r.bytes("memory_max", o.memory_max, std::uint64_t{64} << 20, std::uint64_t{1} << 40);
    r.number("sessions_max", o.sessions_max, 1, 65'536);
    r.duration("session_kept", o.session_kept, 0, 24 * hour_ms);
    r.number("threads", o.threads, 1, 64);
    if (!r.has("peers")) r.refuse_table("peers", "is missing");
  });
}

result<listen_options> load_listen(const std::filesystem::path& file) {
  const auto text = text_of(file);
  if (!text) return text.error();
  return parse_listen(*text, file.string(), file.parent_path());
}

result<remote_options> parse_remote(std::string_view text, std::string_view name, const std::filesystem::path& beside) {
  return from_table<remote_options>(text, name, "remote", [&](reader& r, remote_options& o) {
    r.text("name", o.name);
    r.file("key", o.key, beside);
    r.texts("server_keys", o.server_keys);
    read_link(r, o.link, beside);
    r.duration("time_out", o.time_out, 1, 365 * 24 * hour_ms);
    r.bytes("answer_bytes_max", o.answer_bytes_max, std::uint64_t{64} << 10, std::uint64_t{1} << 30);
    if (o.server_keys.empty()) r.refuse_table("server_keys", "no key of the other node is named");
  });
}

result<remote_options> load_remote(const std::filesystem::path& file) {
  const auto text = text_of(file);
  if (!text) return text.error();
  return parse_remote(*text, file.string(), file.parent_path());
}

}  // namespace annals::config

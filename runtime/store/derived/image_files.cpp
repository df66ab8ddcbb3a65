#include "store/derived/image_files.hpp"

#include "store/os/files.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <xxhash.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <cstring>

namespace annals::store {
namespace {

constexpr std::uint32_t image_format = 1;
constexpr std::size_t part_bytes = std::size_t{1} << 20;
constexpr std::size_t digits = 20;

struct head {
  std::array<char, 16> magic{'a', 'n', 'n', 'a', 'l', 's', ' ', 'i', 'm', 'a', 'g', 'e'};
  std::uint32_t format = image_format;
  std::uint32_t name_bytes = 0;
  std::array<char, 32> store{};
  std::uint64_t history = 0;
  std::uint64_t shape = 0;
  std::uint64_t at = 0;
  std::uint64_t checksum = 0;
  std::uint64_t parked_bytes = 0;
  std::uint64_t model_bytes = 0;
  std::uint64_t content_checksum = 0;
  std::uint64_t own_checksum = 0;
};
static_assert(sizeof(head) == 120 && std::is_trivially_copyable_v<head>);

std::uint64_t own_checksum(const head& h, std::string_view name) {
  return XXH3_64bits_withSeed(&h, offsetof(head, own_checksum), XXH3_64bits(name.data(), name.size()));
}

std::uint64_t content_checksum(std::string_view parked, std::string_view bytes) {
  return XXH3_64bits_withSeed(bytes.data(), bytes.size(), XXH3_64bits(parked.data(), parked.size()));
}

std::string file_name(std::string_view model) {
  std::string name;
  for (const char c : model) {
    const auto byte = static_cast<unsigned char>(c);
    if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-') {
      name += c;
    } else {
      constexpr std::string_view hex = "0123456789abcdef";
      name.append(1, '%').append(1, hex[byte >> 4]).append(1, hex[byte & 15]);
    }
  }
  return name;
}

std::string name_of_file(std::string_view model, position at) {
  auto number = std::to_string(at);
  return file_name(model) + "." + std::string(digits - number.size(), '0') + number;
}

std::optional<position> position_in(std::string_view number) {
  position at = 0;
  if (number.size() != digits || std::from_chars(number.data(), number.data() + digits, at).ptr != number.data() + digits) return std::nullopt;
  return at;
}

/// Writes in parts of 1 MiB, each synced: one large sync would delay those of the log.
result<bool> write_all(int file, std::string_view bytes, const anchored_path& path, const std::function<bool()>& may_go_on) {
  while (!bytes.empty()) {
    if (!may_go_on()) return false;
    const auto part = bytes.substr(0, part_bytes);
    const auto written = ::write(file, part.data(), part.size());
    if (written < 0 || ::fdatasync(file) != 0) return files::os_error(errno, "writing " + path.name().string());
    bytes.remove_prefix(static_cast<std::size_t>(written));
  }
  return true;
}

bool read_all(int file, char* to, std::size_t bytes) {
  while (bytes > 0) {
    const auto got = ::read(file, to, bytes);
    if (got <= 0) return false;
    to += got;
    bytes -= static_cast<std::size_t>(got);
  }
  return true;
}

struct read_head {
  head numbers;
  std::string name;
};

/// Empty if the file is not an image of this store and history, or if the head is damaged.
std::optional<read_head> head_in(int file, const log_identity& of) {
  read_head h;
  if (!read_all(file, reinterpret_cast<char*>(&h.numbers), sizeof h.numbers)) return std::nullopt;
  const auto& n = h.numbers;
  if (n.magic != head{}.magic || n.format != image_format || n.name_bytes > 4096) return std::nullopt;
  if (std::string_view{n.store.data(), n.store.size()} != of.store_id) return std::nullopt;
  if (n.history != of.history && n.at > fork_of(of.former, n.history).value_or(0)) return std::nullopt;
  h.name.resize(n.name_bytes);
  if (!read_all(file, h.name.data(), h.name.size()) || own_checksum(n, h.name) != n.own_checksum) return std::nullopt;
  return h;
}

/// Empty if the file is damaged. Without `parked` and `bytes` if it has another shape than the wanted one.
std::optional<image> image_in(int file, const log_identity& of, std::optional<std::uint64_t> shape = {}) {
  const auto h = head_in(file, of);
  if (!h) return std::nullopt;
  const auto& n = h->numbers;
  image one{h->name, {n.at, n.checksum}, n.shape, {}, {}};
  if (shape && *shape != n.shape) return one;
  struct stat info{};
  if (::fstat(file, &info) != 0 || static_cast<std::uint64_t>(info.st_size) != sizeof(head) + n.name_bytes + n.parked_bytes + n.model_bytes)
    return std::nullopt;
  one.parked.resize(n.parked_bytes);
  one.bytes.resize(n.model_bytes);
  if (!read_all(file, one.parked.data(), one.parked.size()) || !read_all(file, one.bytes.data(), one.bytes.size()) ||
      content_checksum(one.parked, one.bytes) != n.content_checksum)
    return std::nullopt;
  return one;
}

}  // namespace

image_files::image_files(const std::filesystem::path& directory, const log_identity& of)
    : directory_(anchored_path{directory.parent_path()} / directory.filename().string()), of_(of) {}

result<std::vector<image_files::image_file>> image_files::files_of(std::string_view model) const {
  const auto names = directory_.names();
  if (!names) return names.error();
  std::vector<image_file> found;
  const auto start = file_name(model) + ".";
  for (const auto& name : *names) {
    if (!name.starts_with(start)) continue;
    if (const auto at = position_in(std::string_view{name}.substr(start.size()))) found.push_back({*at, directory_ / name});
  }
  std::sort(found.begin(), found.end(), [](const image_file& a, const image_file& b) { return a.at > b.at; });
  return found;
}

result<void> image_files::write(const image& one, const std::function<bool()>& may_go_on) {
  if (auto ok = directory_.create_directory(); !ok) return ok;
  const auto name = name_of_file(one.model, one.mark.at);
  const auto part = directory_ / (name + ".part");

  head h;
  h.name_bytes = static_cast<std::uint32_t>(one.model.size());
  std::copy_n(of_.store_id.begin(), std::min(of_.store_id.size(), h.store.size()), h.store.begin());
  h.history = of_.history;
  h.shape = one.shape;
  h.at = one.mark.at;
  h.checksum = one.mark.checksum;
  h.parked_bytes = one.parked.size();
  h.model_bytes = one.bytes.size();
  h.content_checksum = content_checksum(one.parked, one.bytes);
  h.own_checksum = own_checksum(h, one.model);
  const auto begin = std::string{reinterpret_cast<const char*>(&h), sizeof h} + one.model + one.parked;

  const auto older = files_of(one.model);
  if (!older) return older.error();
  {
    const auto file = part.create(O_WRONLY | O_TRUNC);
    if (!file) return file.error();
    for (const auto bytes : {std::string_view{begin}, std::string_view{one.bytes}}) {
      const auto done = write_all(file->get(), bytes, part, may_go_on);
      if (done && *done) continue;
      auto removed = part.remove();
      return done ? std::move(removed) : result<void>{done.error()};
    }
  }
  if (auto ok = part.rename_to(directory_ / name); !ok) return ok;
  if (auto ok = directory_.sync(); !ok) return ok;
  for (const auto& old : *older)
    if (old.at != one.mark.at)
      if (auto ok = old.path.remove(); !ok) return ok;
  return {};
}

result<std::optional<image>> image_files::newest(std::string_view model, std::uint64_t shape, position newest) const {
  const auto candidates = files_of(model);
  if (!candidates) return candidates.error();
  for (const auto& candidate : *candidates) {
    if (candidate.at > newest) continue;
    const auto file = candidate.path.open(O_RDONLY | O_NONBLOCK);
    if (!file) return file.error();
    auto one = image_in(file->get(), of_, shape);
    if (!one || one->model != model || one->mark.at != candidate.at)
      return error{errc::corrupt_record, "the image " + candidate.path.name().string() + " is damaged", {}, 0, candidate.at};
    return one;
  }
  return std::optional<image>{};
}

result<void> image_files::drop(std::string_view model) {
  const auto all = files_of(model);
  if (!all) return all.error();
  for (const auto& one : *all)
    if (auto ok = one.path.remove(); !ok) return ok;
  return directory_.identity() ? directory_.sync() : result<void>{};  // the directory is created with the first image
}

std::vector<image_head> image_files::heads() const {
  std::vector<image_head> all;
  const auto names = directory_.names();
  if (!names) return all;
  for (const auto& name : *names) {
    if (name.ends_with(".part")) continue;
    const auto file = (directory_ / name).open(O_RDONLY | O_NONBLOCK);
    if (!file) continue;
    if (const auto h = head_in(file->get(), of_)) all.push_back({h->name, {h->numbers.at, h->numbers.checksum}, h->numbers.model_bytes});
  }
  return all;
}

result<checked_images> image_files::check() const {
  const auto names = directory_.names();
  if (!names) return names.error();
  checked_images seen;
  for (const auto& name : *names) {
    const auto dot = name.rfind('.');
    if (dot == std::string::npos || !position_in(std::string_view{name}.substr(dot + 1))) continue;  // newest() ignores such names, too
    const auto file = (directory_ / name).open_if_there(O_RDONLY | O_NONBLOCK);
    if (!file) return file.error();
    if (!*file) continue;  // a writer has replaced it with a newer one
    const auto one = image_in((*file)->get(), of_);
    if (one && name_of_file(one->model, one->mark.at) == name)
      seen.good.push_back({one->model, one->mark, one->bytes.size()});
    else
      ++seen.damaged;
  }
  return seen;
}

result<void> image_files::remove_leftovers() const {
  const auto names = directory_.names();
  if (!names) return names.error();
  for (const auto& name : *names)
    if (name.ends_with(".part"))
      if (auto ok = (directory_ / name).remove(); !ok) return ok;
  return {};
}

}  // namespace annals::store

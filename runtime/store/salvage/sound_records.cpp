#include "store/salvage/sound_records.hpp"

#include "store/lmdb/page_cursor.hpp"
#include "store/log/record.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

namespace annals::store {

using namespace lmdb_format;

namespace {

/// Reads as many of the bytes as can be read and returns their number; the rest of `to` is zeros.
std::size_t read_some(int file, std::uint64_t at, std::string& to) {
  std::fill(to.begin(), to.end(), '\0');
  std::size_t done = 0;
  while (done < to.size()) {
    const auto n = ::pread(file, to.data() + done, to.size() - done, static_cast<off_t>(at + done));
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) break;
    done += static_cast<std::size_t>(n);
  }
  return done;
}

}  // namespace

result<sound_records> sound_records::find_in(const std::filesystem::path& lmdb_file) {
  sound_records found{descriptor{::open(lmdb_file.c_str(), O_RDONLY | O_CLOEXEC)}};
  struct stat info{};
  if (found.file_.get() < 0 || ::fstat(found.file_.get(), &info) != 0) return error{errc::store_missing, lmdb_file.string(), std::strerror(errno)};
  found.file_bytes_ = static_cast<std::uint64_t>(info.st_size);
  found.newest_ = found.read_newest();
  if (found.newest_) found.page_bytes_ = found.newest_->free.pad;

  const auto count = found.file_bytes_ / found.page_bytes_;
  std::vector<bool> unreadable(count, false);
  std::string page(found.page_bytes_, '\0');
  for (std::uint64_t number = 0; number < count; ++number) {
    unreadable[number] = read_some(found.file_.get(), number * page.size(), page) < page.size();
    if (number >= 2) found.look_into(number, page);
  }
  if (auto pages = page_file::open(lmdb_file, 0, found.file_.get())) {
    found.pages_ = std::move(*pages);
    found.pages_->exclude(std::move(unreadable));
    found.walk();
  }
  found.choose();
  return found;
}

std::optional<meta> sound_records::read_newest() const {
  std::optional<meta> newest;
  std::uint64_t page_bytes = 4096;
  for (const std::uint64_t number : {0, 1}) {
    std::string bytes(sizeof(meta), '\0');
    if (read_some(file_.get(), number * page_bytes + sizeof(page_header), bytes) < bytes.size()) continue;
    const auto m = read_as<meta>(bytes.data());
    if (wrong_in_meta(m, false)) continue;
    page_bytes = m.free.pad;
    if (!wrong_in_meta(m) && m.transaction % 2 == number && (!newest || m.transaction > newest->transaction)) newest = m;
  }
  return newest;
}

bool sound_records::has_changed() const {
  const auto now = read_newest();
  return now.has_value() != newest_.has_value() || (now && now->transaction != newest_->transaction);
}

/// Reads whatever lies where the node of a record would be; the record's checksum decides whether it is one.
void sound_records::look_into(std::uint64_t number, std::string_view page) {
  const auto header = read_as<page_header>(page.data());
  if ((header.flags & is_leaf) == 0) return;
  const auto count = std::min(count_of(header), (page.size() - sizeof header) / sizeof(std::uint16_t));
  for (std::size_t i = 0; i < count; ++i) {
    const std::size_t offset = read_as<std::uint16_t>(offset_place(page.data(), i));
    constexpr auto before = sizeof(node_header) + sizeof(position);
    if (offset + before + sizeof(std::uint64_t) > page.size()) continue;
    const auto node = read_as<node_header>(page.data() + offset);
    place one{read_as<position>(page.data() + offset + sizeof node), number * page_bytes_ + offset + before, value_bytes(node), 0};
    if (node.key_bytes != sizeof one.at || one.at == 0) continue;
    if (node.flags == value_is_elsewhere) {
      const auto far = read_as<std::uint64_t>(page.data() + offset + before);
      if (far > file_bytes_ / page_bytes_) continue;
      one.offset = far * page_bytes_ + sizeof(page_header);
    }
    if (!read(one)) continue;
    one.checksum = record_checksum(record_);
    strays_.push_back(one);
  }
}

/// Follows the tree of the newest transaction, as far as it leads.
void sound_records::walk() {
  far_.assign(file_bytes_ / page_bytes_ + 1, false);
  table events{};
  std::string damage;
  if (!newest_ || find_table(*pages_, *newest_, "events", events, damage) != 0) return;
  entries_ = events.entries;
  page_cursor c{*pages_, events, newest_->last_page};
  const char* const base = pages_->page(0);
  MDB_val key{}, val{};
  position tried = 0;
  for (int rc = c.get(key, val, MDB_FIRST); base && rc != MDB_NOTFOUND;) {
    if (rc == 0) {
      const std::string_view name{static_cast<const char*>(key.mv_data), key.mv_size}, bytes{static_cast<const char*>(val.mv_data), val.mv_size};
      const auto at = name.size() == sizeof(position) ? read_as<position>(name.data()) : 0;
      const auto offset = static_cast<std::uint64_t>(bytes.data() - base);
      if (at > 0 && is_sound(at, bytes) && (reached_.empty() || at > reached_.back().at)) {
        reached_.push_back({at, offset, bytes.size(), record_checksum(bytes)});
        const bool is_far =
            offset % page_bytes_ == sizeof(page_header) && read_as<page_header>(bytes.data() - sizeof(page_header)).flags == is_overflow;
        for (auto number = offset / page_bytes_; is_far && number <= (offset + bytes.size()) / page_bytes_; ++number) far_[number] = true;
      }
      rc = c.get(key, val, MDB_NEXT);
      continue;
    }
    const auto after = c.key_after_damage();
    const auto next = after.size() == sizeof(position) ? read_as<position>(after.data()) : 0;
    if (next <= tried) return;
    tried = next;
    key = {sizeof tried, &tried};
    rc = c.get(key, val, MDB_SET_RANGE);
  }
}

/// Keeps the strays whose position was not reached and that the log may have had. Where two differ for one position, keeps none.
void sound_records::choose() {
  const auto head = std::max(entries_, reached_.empty() ? 0 : reached_.back().at);
  std::erase_if(strays_, [&](const place& one) {
    return find(reached_, one.at) || (entries_ > 0 && one.at > head) || (!far_.empty() && far_[one.offset / page_bytes_]);
  });
  std::sort(strays_.begin(), strays_.end(), [](const place& a, const place& b) { return a.at < b.at; });
  std::vector<place> chosen;
  for (auto begin = strays_.begin(); begin != strays_.end();) {
    const auto end = std::find_if(begin, strays_.end(), [&](const place& one) { return one.at != begin->at; });
    if (std::all_of(begin, end, [&](const place& one) { return one.checksum == begin->checksum; })) chosen.push_back(*begin);
    begin = end;
  }
  strays_ = std::move(chosen);
}

bool sound_records::read(const place& one) {
  if (one.bytes == 0 || one.offset > file_bytes_ || one.bytes > file_bytes_ - one.offset) return false;
  record_.resize(one.bytes);
  return read_some(file_.get(), one.offset, record_) == one.bytes && is_sound(one.at, record_);
}

bool sound_records::is_sound(position at, std::string_view bytes) {
  const auto ok = read_record(at, bytes);
  if (!ok && ok.error().code == errc::store_newer) newer_ = ok.error();
  return ok.has_value();
}

const sound_records::place* sound_records::find(const std::vector<place>& in, position at) const {
  const auto found = std::lower_bound(in.begin(), in.end(), at, [](const place& p, position wanted) { return p.at < wanted; });
  return found != in.end() && found->at == at ? &*found : nullptr;
}

position sound_records::last() const {
  auto found = of_front_.empty() ? position{0} : of_front_.rbegin()->first;
  std::uint64_t bytes = 0;
  for (const auto* all : {&reached_, &strays_}) {
    if (!all->empty()) found = std::max(found, all->back().at);
    for (const auto& one : *all) bytes += one.bytes;
  }
  constexpr std::uint64_t least = 64;  // about the least number of bytes in a record
  const auto room = newest_ ? (newest_->last_page + 1) * page_bytes_ - std::min(bytes, (newest_->last_page + 1) * page_bytes_) : 0;
  return entries_ > found && (entries_ - found) <= room / least ? entries_ : found;
}

std::string_view sound_records::at(position at) {
  if (const auto* one = find(reached_, at); one && read(*one)) return record_;
  if (const auto other = of_front_.find(at); other != of_front_.end() && read_record(at, other->second)) return other->second;
  if (const auto* one = find(strays_, at); one && read(*one)) return record_;
  return {};
}

}  // namespace annals::store

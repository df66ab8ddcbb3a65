// Finds all sound records in the files of a log: those that LMDB's tree still leads to and, for positions that it no longer
// leads to, those in the other leaves of the file, including free ones.
#pragma once

#include "store/lmdb/page_file.hpp"
#include "store/os/descriptor.hpp"

#include <annals/receipt.hpp>
#include <annals/result.hpp>

#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace annals::store {

class sound_records {
public:
  /// Reads the whole file. store_missing if it cannot be opened.
  static result<sound_records> find_in(const std::filesystem::path& lmdb_file);

  /// Adds a record of the front (the write-ahead log).
  void add(position at, std::string_view bytes) { of_front_.try_emplace(at, bytes); }
  void add(error newer) { newer_ = std::move(newer); }
  /// store_newer, if there is a record of a newer program: to this one it would be lost.
  const std::optional<error>& newer() const { return newer_; }
  /// The last position of the log: that of the last record found, or the number of records that the log says it has, if the
  /// file had room for them.
  position last() const;
  /// The bytes of the record at this position, valid until the next call. Empty if there is no sound one, or if nothing leads
  /// to the position and two records for it differ.
  std::string_view at(position at);

  /// The file, without the pages that the disk cannot read; null if it cannot be mapped.
  const page_file* pages() const { return pages_.get(); }
  /// The meta page of the newest transaction; empty if no meta page is sound.
  const std::optional<lmdb_format::meta>& newest() const { return newest_; }
  /// Whether another transaction is the newest one by now.
  bool has_changed() const;

private:
  struct place {
    position at;
    std::uint64_t offset, bytes, checksum;
  };
  explicit sound_records(descriptor file) : file_(std::move(file)) {}
  std::optional<lmdb_format::meta> read_newest() const;
  void look_into(std::uint64_t number, std::string_view page);
  void walk();
  void choose();
  bool read(const place& one);
  /// Whether this is a sound record. Notes one of a newer program.
  bool is_sound(position at, std::string_view bytes);
  const place* find(const std::vector<place>& in, position at) const;

  descriptor file_;
  std::uint64_t file_bytes_ = 0, page_bytes_ = 4096;
  std::optional<lmdb_format::meta> newest_;
  std::unique_ptr<page_file> pages_;
  std::uint64_t entries_ = 0;   // number of records that the log says it has
  std::vector<place> reached_;  // by position
  std::vector<place> strays_;   // at positions not in reached_; by position
  std::vector<bool> far_;       // pages that hold only the value of a reached_ record
  std::map<position, std::string> of_front_;
  std::string record_;
  std::optional<error> newer_;
};

}  // namespace annals::store

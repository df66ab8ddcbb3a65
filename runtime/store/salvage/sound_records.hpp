// All sound records in the files of a log: those that LMDB's tree still leads to, and, for positions that it does not lead to any
// more, what other leaves of the file have, the free ones included.
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
  /// Reads the whole file. store_missing when it cannot be opened.
  static result<sound_records> find_in(const std::filesystem::path& lmdb_file);

  /// A record of the front.
  void add(position at, std::string_view bytes) { of_front_.try_emplace(at, bytes); }
  /// The last position there was: of the records found, or, where the file may have had so many, the one that the log says.
  position last() const;
  /// The bytes of the record at this position, until the next call; empty when there is no sound one, or when two differ that
  /// nothing leads to.
  std::string_view at(position at);

  /// The file, without the pages that the disk cannot read; null when it cannot be mapped.
  const page_file* pages() const { return pages_.get(); }
  /// Of the newest transaction; nothing when no meta page is sound.
  const std::optional<lmdb_format::meta>& newest() const { return newest_; }
  /// Whether the newest transaction is another one by now.
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
  const place* find(const std::vector<place>& in, position at) const;

  descriptor file_;
  std::uint64_t file_bytes_ = 0, page_bytes_ = 4096;
  std::optional<lmdb_format::meta> newest_;
  std::unique_ptr<page_file> pages_;
  std::uint64_t entries_ = 0;     // that the log says it has
  std::vector<place> reached_;    // by position
  std::vector<place> strays_;     // of other positions, by position
  std::vector<bool> far_;         // pages with a value of reached_ alone
  std::map<position, std::string> of_front_;
  std::string record_;
};

}  // namespace annals::store

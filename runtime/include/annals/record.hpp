/// A stored event as every reader of the log sees it.
#pragma once

#include <annals/receipt.hpp>

#include <cstdint>
#include <string_view>

namespace annals {

/// A view of one record: the envelope and the payload. Owns nothing; valid where it was handed out and no longer.
struct record_view {
  position at = 0;
  std::string_view stream;          ///< "category-key"
  annals::version version = 0;      ///< within the stream
  timestamp time = 0;               ///< microseconds since 1970 UTC, given by the journal
  std::string_view type;            ///< the event's stored name
  std::uint16_t schema = 1;         ///< the event's schema version
  std::string_view command_id;      ///< of the command that wrote it; may be empty
  std::uint64_t fingerprint = 0;    ///< of that command's name and body
  std::uint16_t index = 0;          ///< within the command's events, from 0
  std::uint16_t count = 1;          ///< how many events the command wrote
  std::string_view causation;       ///< what caused the command, as its sender said
  std::string_view correlation;     ///< what it belongs to, as its sender said
  std::string_view principal;       ///< on whose behalf
  position seen = 0;                ///< process managers: up to where this instance has observed the log; else 0
  std::string_view payload;         ///< a msgpack map with field names
  std::uint32_t stored_bytes = 0;   ///< of the whole record in the log
  std::uint64_t checksum = 0;       ///< of the stored bytes and the position; identifies what stands there

  std::string_view category() const { return stream.substr(0, stream.find('-')); }
  std::string_view key() const { return stream.substr(stream.find('-') + 1); }
};

}  // namespace annals

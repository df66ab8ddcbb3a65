/// A stored event, as every reader of the log sees it.
#pragma once

#include <annals/receipt.hpp>
#include <annals/trace.hpp>

#include <cstdint>
#include <string_view>

namespace annals {

/// A view of one record: the envelope and the payload. Owns nothing. The function that hands it out says how long it is valid.
struct record_view {
  position at = 0;
  std::string_view stream;         ///< "category-key"
  annals::version version = 0;     ///< within the stream
  timestamp time = 0;              ///< microseconds since 1970 UTC, set by the journal
  std::string_view type;           ///< stored name of the event
  std::uint16_t schema = 1;        ///< schema version of the event
  std::string_view command_id;     ///< id of the command that wrote it; may be empty
  std::uint64_t fingerprint = 0;   ///< hash of that command's name and body
  std::uint16_t index = 0;         ///< place among the command's events, from 0
  std::uint16_t count = 1;         ///< number of events that the command wrote
  std::string_view causation;      ///< what caused the command, according to its sender
  std::string_view correlation;    ///< what the command belongs to, according to its sender
  std::string_view principal;      ///< on whose behalf the command was sent
  position seen = 0;               ///< in process managers: the instance has observed the log up to here; else 0
  std::string_view payload;        ///< a msgpack map with field names
  std::uint32_t stored_bytes = 0;  ///< size of the whole record in the log
  std::uint64_t checksum = 0;      ///< of the stored bytes and the position; identifies the record
  trace_context trace = {};        ///< the span that wrote it, if that was sampled; else not set

  std::string_view category() const { return stream.substr(0, stream.find('-')); }
  std::string_view key() const { return stream.substr(stream.find('-') + 1); }
};

}  // namespace annals

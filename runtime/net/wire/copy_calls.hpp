// The calls of a replica: which log its source has, and the records and decisions that it lacks.
#pragma once

#include "store/log/log.hpp"

#include <annals/codec.hpp>
#include <annals/describe.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace annals::net {

struct former_text {
  std::uint64_t id = 0;
  std::uint64_t fork = 0;
  static constexpr auto about = annals::describe<&former_text::id, &former_text::fork>("former", 1);
};

/// call::source: nothing → source_answer
struct source_answer {
  std::string store_id;
  std::uint64_t history = 0;
  std::vector<former_text> former;
  std::uint64_t generation = 0;
  std::uint64_t head = 0;      // readable
  std::int64_t head_time = 0;  // of the newest record
  static constexpr auto about = annals::describe<&source_answer::store_id, &source_answer::history, &source_answer::former,
                                                 &source_answer::generation, &source_answer::head, &source_answer::head_time>("source", 1);
};
source_answer as_answer(const store::log_identity& of, position head, timestamp head_time);
store::log_identity as_identity(const source_answer& from);

/// call::pull: waits until there is something, at most this long → pull_answer
struct pull_call {
  std::uint64_t history = 0;
  std::uint64_t from = 1;
  std::uint64_t previous_checksum = 0;  // of the record before it; 0: from is 1
  std::uint64_t bytes_max = 0;          // of records
  // What is known of the control table: the generation of the source that it was read in, and the changes until then. 0: nothing.
  std::uint64_t control_generation = 0;
  std::uint64_t control_count = 0;
  std::int64_t wait_ms = 0;
  static constexpr auto about = annals::describe<&pull_call::history, &pull_call::from, &pull_call::previous_checksum, &pull_call::bytes_max,
                                                 &pull_call::control_generation, &pull_call::control_count, &pull_call::wait_ms>("pull", 1);
};
struct control_text {
  std::string key;
  std::string value;  // empty: the entry is removed
  static constexpr auto about = annals::describe<&control_text::key, &control_text::value>("control", 1);
};
struct pull_answer {
  std::uint64_t head = 0;
  std::int64_t head_time = 0;
  std::string records;  // a batch: records.cpp
  bool has_control = false;
  bool is_all_control = false;  // entries that are not here do not exist
  std::uint64_t control_generation = 0;
  std::uint64_t control_count = 0;
  std::uint64_t control_head = 0;  // the entries refer to records up to here
  std::vector<control_text> control;
  static constexpr auto about =
      annals::describe<&pull_answer::head, &pull_answer::head_time, &pull_answer::records, &pull_answer::has_control, &pull_answer::is_all_control,
                       &pull_answer::control_generation, &pull_answer::control_count, &pull_answer::control_head, &pull_answer::control>(
          "pull_answer", 1);
};

}  // namespace annals::net

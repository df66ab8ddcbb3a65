#include "actors/base/tracing.hpp"

#include <algorithm>
#include <chrono>
#include <utility>

namespace annals::actors {
namespace {

/// A trace does not grow any more when it is older.
constexpr timestamp young = std::chrono::microseconds{std::chrono::seconds{60}}.count();

std::string named(std::string_view doing, std::string_view what) {
  std::string name{doing};
  return name.append(1, ' ').append(what);
}

/// Whether this is neither a success nor a decision of the domain.
bool is_failure(ending how) { return how != ending::accepted && how != ending::rejected && how != ending::conflict; }

}  // namespace

void tracing::set_up(const options& with, std::function<std::int64_t()> now, std::optional<std::uint64_t> seed) {
  now_ = std::move(now);
  ids_ = telemetry::id_source{seed};
  sampler_ = telemetry::ratio_sampler{with.trace_ratio};
  keeps_streams_ = with.trace_streams;
}

void tracing::name_stream(trace_span& one, std::string_view stream) const {
  one.category = stream.substr(0, stream.find('-'));
  if (keeps_streams_) one.stream = stream;
}

tracing::begun tracing::send(std::string_view traceparent, std::string_view command, std::string_view stream) const {
  const auto parent = trace_context_of(traceparent);
  if (!parent && !traceparent.empty()) ignored_.add();
  if (parent ? !parent->sampled : !sampler_.may_sample() || !sampler_.samples(ids_.number())) return {parent.value_or(trace_context{}), nullptr};
  auto span = std::make_unique<trace_span>();
  span->id = parent ? ids_.child_of(*parent) : ids_.root();
  if (parent) span->parent = parent->span_id;
  span->name = named("send", command);
  span->kind = span_kind::producer;
  span->begin = now_();
  name_stream(*span, stream);
  return {span->id, std::move(span)};
}

open_span tracing::follow(const trace_context& record, timestamp time, span_kind kind, std::string_view doing, std::string_view what,
                          std::string_view stream) const {
  if (!record.sampled) return nullptr;
  auto span = std::make_unique<trace_span>();
  span->begin = now_();
  const bool is_young = span->begin / 1'000 - time < young;
  span->id = is_young ? ids_.child_of(record) : ids_.root();
  if (is_young) span->parent = record.span_id;
  if (!is_young || kind == span_kind::consumer) span->link = record;
  span->kind = kind;
  span->name = named(doing, what);
  name_stream(*span, stream);
  return span;
}

void tracing::close(open_span& one, const closing& by) const {
  if (!one) return;
  one->end = std::max(one->begin, now_());
  one->outcome = label_of(by.how, false);
  one->has_failed = is_failure(by.how);
  if (by.version > 0) one->version = by.version;
  if (by.at > 0) one->at = by.at;
  spans_->put(std::move(*one));
  one = nullptr;
}

void tracing::add(trace_span one, const trace_context& parent, std::string_view stream) const {
  if (!one.id.is_set()) one.id = ids_.child_of(parent);
  one.parent = parent.span_id;
  one.end = std::max(one.begin, one.end);
  name_stream(one, stream);
  spans_->put(std::move(one));
}

}  // namespace annals::actors

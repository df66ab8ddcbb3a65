/// How to write a projection: a fold over the log, and the queries on the model that the fold builds.
///
///     struct balances {
///       static constexpr std::string_view name = "balances";
///       using follows = annals::types<account>;                           // the aggregates whose events it reads
///       using queries = annals::types<balance_of>;
///       struct model { … };                                               // default-constructed: before any event
///       static void apply(model&, const money_deposited&, const annals::record_view&);   // for the events it wants
///       static std::int64_t answer(const model&, const balance_of&);      // for each query
///     };
///
/// `apply` must apply an event completely, or throw and leave the model as it was. A projection may also have:
///
///       static constexpr std::uint32_t version = 2;       // default 1; a new version rebuilds the model
///       static constexpr annals::failure_policy on_failure{…};    // see parked.hpp
///       static constexpr std::size_t partitions = 2;     // 1 to 64; they read a long log in parallel, and each builds
///       static void merge(model& into, model&& part);    // the model of its share of the streams; merge joins them
///       static void effect(const money_deposited&, const annals::record_view&);   // an action outside of the model
///
/// Partitions are used when a model is built from position 1 and the log has at least 10,000 records, at a start or in a rebuild. A
/// single reader applies the records after an image. Each partition reads the whole log and applies the events of its streams; merge
/// gets the parts in no particular order. A model that needs events of one stream to apply those of another cannot be partitioned.
///
/// The runtime calls `effect` before it applies the event. It does so only for events written after the first start() with the effect,
/// and not again in a rebuild or a later start. An effect sees the model without its event, and delays only its own projection. It may
/// call the runtime, but not wait for it. If it throws, the event is parked, and the effect stays pending, across restarts, until a
/// retry succeeds. After a failure or a crash the last effects may be repeated.
///
/// An overload of apply, effect, answer or merge that the runtime would never call does not compile: one with another signature, or
/// for an event or query that is not listed.
///
/// The runtime stores a described model (see describe.hpp) as an image, and a start reads the log from there; it builds other models
/// from position 1. The runtime discards an image when the description of the model, the followed aggregates or an applied event has
/// changed. It cannot see changes in code: if `apply`, an upcast or a default value now gives another result, raise `version`, or call
/// rebuild().
///
/// An answer may have any type that a field may have: a number, a text, a described struct, a vector of these.
#pragma once

#include <annals/aggregate.hpp>
#include <annals/parked.hpp>
#include <annals/record.hpp>

namespace annals {

/// The type with which projection P answers query Q.
template <class P, class Q>
using answer_of = std::remove_cvref_t<decltype(P::answer(std::declval<const typename P::model&>(), std::declval<const Q&>()))>;

}  // namespace annals

/// What a projection is written with: a fold over the log, and the queries on the model that it keeps.
///
///     struct balances {
///       static constexpr std::string_view name = "balances";
///       using follows = annals::types<account>;                           // whose events
///       using queries = annals::types<balance_of>;
///       struct model { … };                                               // default-constructed: before any event
///       static void apply(model&, const money_deposited&, const annals::record_view&);   // for those it wants
///       static std::int64_t answer(const model&, const balance_of&);      // for each query
///     };
///
/// `apply` either applies an event whole, or throws and leaves the model as it was. What it may have beside:
///
///       static constexpr std::uint32_t version = 2;       // 1 without it: a new one rebuilds the model
///       static constexpr annals::failure_policy on_failure{…};    // see parked.hpp
///       static constexpr std::size_t partitions = 2;     // 1 to 64: a long log is read by so many at once, each with a model
///       static void merge(model& into, model&& part);    // of its own of its share of the streams; these become one
///       static void effect(const money_deposited&, const annals::record_view&);   // what it does outside of its model
///
/// Partitions are for a model that is built from position 1 over a log of at least 10,000 records, at a start or a rebuild; what
/// follows an image is read by one. Each reads the whole log and applies what is of its streams; merge takes the parts in no
/// particular order. A model in which one stream's events need what another stream's have left cannot be split so.
///
/// An effect comes before its event is applied, for what is written when the first start with it has returned: never again in a
/// rebuild or a later start. It sees the model as it was before its event, holds up nobody but its own projection, and may call the
/// runtime, without waiting for it. If it throws, its event is parked, and the effect is made when a retry succeeds. After a failure
/// or a crash the last ones may be repeated.
///
/// An overload of apply, effect, answer or merge that would never be called does not compile: of another signature, or of an
/// event or query that is not listed.
///
/// A model that is described (see describe.hpp) is kept on disk as an image, and a start reads the log from there;
/// others are built from position 1. An image is left out when the model, what is followed or one of the events that it
/// applies is described otherwise than it was. What only code says the runtime cannot see: when `apply`, an upcast or a default
/// comes to something else than before, raise `version`, or call rebuild().
///
/// An answer is whatever can be a field: a number, a text, a described struct, a vector of these.
#pragma once

#include <annals/aggregate.hpp>
#include <annals/parked.hpp>
#include <annals/record.hpp>

namespace annals {

/// The type that projection P answers query Q with.
template <class P, class Q>
using answer_of = std::remove_cvref_t<decltype(P::answer(std::declval<const typename P::model&>(), std::declval<const Q&>()))>;

}  // namespace annals

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
/// An answer is whatever can be a field (see describe.hpp): a number, a text, a described struct, a vector of these.
#pragma once

#include <annals/aggregate.hpp>
#include <annals/record.hpp>

namespace annals {

/// The type that projection P answers query Q with.
template <class P, class Q>
using answer_of = std::remove_cvref_t<decltype(P::answer(std::declval<const typename P::model&>(), std::declval<const Q&>()))>;

}  // namespace annals

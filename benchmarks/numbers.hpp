// Figures in readable form: digits in groups, and no more decimals than are meaningful.
#pragma once

#include "benchmarks/run.hpp"

#include <string>

namespace bench {

/// 1234567 as 1,234,567.
std::string grouped(std::int64_t n);

/// About three significant digits, grouped: 0.042, 3.14, 87.5, 12,346.
std::string number_text(double number);

/// A number, a text or a truth value in readable form; anything else as JSON.
std::string text_of(const figures& value);

}  // namespace bench

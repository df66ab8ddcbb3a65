// Which results become which charts.
#pragma once

#include "benchmarks/report/page.hpp"
#include "benchmarks/report/results.hpp"

#include <functional>
#include <vector>

namespace bench::report {

std::vector<result> only(const std::vector<result>& all, const std::function<bool(const result&)>& wanted);
std::vector<result> only(const std::vector<result>& all, std::string_view benchmark);

source source_of(const std::vector<result>& results);

/// A list of objects as a table, with one column for each of their keys.
table table_of(const std::string& title, const std::vector<figures>& rows);

/// Each adds its sections, or none if it has no results.
void add_commands_sections(std::vector<section>& to, const std::vector<result>& all);
void add_shop_section(std::vector<section>& to, const std::vector<result>& all);
void add_memory_section(std::vector<section>& to, const std::vector<result>& all);
void add_reading_section(std::vector<section>& to, const std::vector<result>& all);
void add_compare_sections(std::vector<section>& to, const std::vector<result>& all);
void add_limits_section(std::vector<section>& to, const std::vector<result>& all);
void add_every_figure(std::vector<section>& to, const std::vector<result>& all);

}  // namespace bench::report

#include "base/iso_date.hpp"

#include <cmath>
#include <cstdint>

namespace chorus {
namespace {

struct Civil {
  std::int64_t year;
  std::int64_t month;
  std::int64_t day;
};

/// The proleptic Gregorian date, by counting years from March, so that the leap day is a year's last. (std::chrono's
/// years end at 32767.)
Civil civil_of(std::int64_t days_since_1970) {
  constexpr std::int64_t days_in_era = 146'097;         // 400 years
  std::int64_t const days = days_since_1970 + 719'468;  // since 0000-03-01
  std::int64_t const era = (days >= 0 ? days : days - (days_in_era - 1)) / days_in_era;
  std::int64_t const day_of_era = days - era * days_in_era;
  std::int64_t const year_of_era = (day_of_era - day_of_era / 1'460 + day_of_era / 36'524 - day_of_era / 146'096) / 365;
  std::int64_t const day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
  std::int64_t const month_from_march = (5 * day_of_year + 2) / 153;
  std::int64_t const month = month_from_march < 10 ? month_from_march + 3 : month_from_march - 9;
  return {.year = era * 400 + year_of_era + (month <= 2 ? 1 : 0),
          .month = month,
          .day = day_of_year - (153 * month_from_march + 2) / 5 + 1};
}

void append_digits(std::string& out, std::int64_t value, std::size_t width) {
  std::string const digits = std::to_string(value);
  out.append(width - digits.size(), '0').append(digits);
}

void append_year(std::string& out, std::int64_t year) {
  if (year >= 0 && year <= 9999) return append_digits(out, year, 4);
  out += year < 0 ? '-' : '+';
  append_digits(out, year < 0 ? -year : year, 6);
}

}  // namespace

bool append_iso_date(std::string& out, double milliseconds) {
  constexpr double farthest = 8.64e15;
  constexpr std::int64_t day = 86'400'000;
  if (!(std::abs(milliseconds) <= farthest)) return false;  // NaN too
  auto const time = static_cast<std::int64_t>(milliseconds);
  std::int64_t const days = (time >= 0 ? time : time - (day - 1)) / day;
  std::int64_t const rest = time - days * day;
  Civil const date = civil_of(days);
  append_year(out, date.year);
  append_digits(out += '-', date.month, 2);
  append_digits(out += '-', date.day, 2);
  append_digits(out += 'T', rest / 3'600'000, 2);
  append_digits(out += ':', rest / 60'000 % 60, 2);
  append_digits(out += ':', rest / 1'000 % 60, 2);
  append_digits(out += '.', rest % 1'000, 3);
  out += 'Z';
  return true;
}

}  // namespace chorus

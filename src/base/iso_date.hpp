// Dates as JavaScript's Date.prototype.toISOString writes them (ECMA-262, "Date Time String Format").
#pragma once
#include <string>

namespace chorus {

/// Appends `2026-11-22T23:02:18.123Z`, without quotes. Years outside 0..9999 have a sign and six digits. A fraction of
/// a millisecond is cut off. False, and nothing is appended, for a time value that no Date can have: not finite, or
/// farther than 8.64e15 ms from 1970.
bool append_iso_date(std::string& out, double milliseconds);

}  // namespace chorus

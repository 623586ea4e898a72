// What happens to the crew, as log lines.
#pragma once
#include "app/supervisor/crew.hpp"

namespace chorus::app {

/// Nothing for what is an order rather than news. Thread: any.
void log_crew(CrewAction const& action);

}  // namespace chorus::app

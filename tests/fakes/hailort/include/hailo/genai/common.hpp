#pragma once

#include <string>

namespace hailort::genai {

const std::string BUILTIN = "<builtin>";

}  // namespace hailort::genai

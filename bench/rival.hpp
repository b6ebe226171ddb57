// A rival that is a Python script: reads what it needs from a folder, prints a line of JSON for
// each thing that it has measured.
#pragma once

#include <filesystem>
#include <span>
#include <string>
#include <vector>

#include <boost/json.hpp>

namespace npu::bench {

// script: beside the sources of the benchmarks. Gives up where it fails.
std::vector<boost::json::value> run_rival(const std::string& script,
                                          const std::vector<std::string>& arguments);

// As numpy.fromfile() reads it.
void write_floats(const std::filesystem::path& file, std::span<const float> values);

}  // namespace npu::bench

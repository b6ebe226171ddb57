// Text for people: numbers with units, tables, summaries.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include <npu/client_tensor.hpp>

namespace npu::cli {

// "3 d 4 h", "2 h 05 min", "7 min 03 s", "12 s".
std::string duration(double seconds);
// "950 us", "1.25 ms", "2.10 s".
std::string milliseconds(double ms);

// Columns as wide as their widest cell, two spaces apart, first row the heading. Cells pass
// for_terminal(): names come from other people.
std::string table(std::vector<std::vector<std::string>> rows);

// The value below which a share p (0..1) of the values lies, nearest rank. values is sorted, not
// empty.
double percentile(const std::vector<double>& values, double p);

// "float32 (256, 320, 1) min 0.12 max 4.5 mean 1.7"; without numbers for empty tensors.
std::string summary(const ClientTensor& tensor);

struct Statistics {
  double min = 0;
  double max = 0;
  double mean = 0;
};
// Of any dtype but float16; not-a-number is left out. False where there is nothing to count.
bool statistics(const ClientTensor& tensor, Statistics& out);

}  // namespace npu::cli

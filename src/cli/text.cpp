#include "cli/text.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include <fmt/format.h>

#include "base/utf8.hpp"

namespace npu::cli {
namespace {

template <class T>
bool collect(const ClientTensor& tensor, Statistics& out) {
  double sum = 0;
  std::size_t count = 0;
  out = {std::numeric_limits<double>::infinity(), -std::numeric_limits<double>::infinity(), 0};
  for (const T element : tensor.as<T>()) {
    const auto value = static_cast<double>(element);
    if (std::isnan(value)) continue;
    out.min = std::min(out.min, value);
    out.max = std::max(out.max, value);
    sum += value;
    ++count;
  }
  if (count > 0) out.mean = sum / static_cast<double>(count);
  return count > 0;
}

}  // namespace

std::string duration(double seconds) {
  const auto whole = static_cast<std::int64_t>(std::max(seconds, 0.0));
  const auto days = whole / 86400;
  const auto hours = whole / 3600 % 24;
  const auto minutes = whole / 60 % 60;
  if (days > 0) return fmt::format("{} d {} h", days, hours);
  if (hours > 0) return fmt::format("{} h {:02} min", hours, minutes);
  if (minutes > 0) return fmt::format("{} min {:02} s", minutes, whole % 60);
  return fmt::format("{} s", whole);
}

std::string milliseconds(double ms) {
  if (ms < 1) return fmt::format("{:.0f} us", ms * 1000);
  if (ms < 1000) return fmt::format("{:.2f} ms", ms);
  return fmt::format("{:.2f} s", ms / 1000);
}

std::string table(std::vector<std::vector<std::string>> rows) {
  std::vector<std::size_t> widths;
  for (auto& row : rows) {
    widths.resize(std::max(widths.size(), row.size()));
    for (std::size_t i = 0; i < row.size(); ++i) {
      row[i] = for_terminal(row[i]);
      widths[i] = std::max(widths[i], row[i].size());
    }
  }
  std::string out;
  for (const auto& row : rows) {
    std::string line;
    for (std::size_t i = 0; i < row.size(); ++i) {
      const bool last = i + 1 == row.size();
      line += last ? row[i] : fmt::format("{:<{}}  ", row[i], widths[i]);
    }
    out += line + '\n';
  }
  return out;
}

double percentile(const std::vector<double>& values, double p) {
  const auto rank = std::ceil(p * static_cast<double>(values.size()));
  const auto index = static_cast<std::size_t>(std::max(rank, 1.0)) - 1;
  return values[std::min(index, values.size() - 1)];
}

bool statistics(const ClientTensor& tensor, Statistics& out) {
  switch (tensor.dtype()) {
    case DType::kUint8:
    case DType::kBool: return collect<std::uint8_t>(tensor, out);
    case DType::kInt8: return collect<std::int8_t>(tensor, out);
    case DType::kUint16: return collect<std::uint16_t>(tensor, out);
    case DType::kInt16: return collect<std::int16_t>(tensor, out);
    case DType::kInt32: return collect<std::int32_t>(tensor, out);
    case DType::kInt64: return collect<std::int64_t>(tensor, out);
    case DType::kFloat32: return collect<float>(tensor, out);
    case DType::kFloat64: return collect<double>(tensor, out);
    case DType::kFloat16: return false;
  }
  return false;
}

std::string summary(const ClientTensor& tensor) {
  std::string text = fmt::format("{} {}", name_of(tensor.dtype()), to_string(tensor.shape()));
  Statistics numbers;
  if (statistics(tensor, numbers)) {
    text +=
        fmt::format(" min {:.6g} max {:.6g} mean {:.6g}", numbers.min, numbers.max, numbers.mean);
  }
  return text;
}

}  // namespace npu::cli

// What does a large answer cost? Processor time and memory of hailo-depth for a picture of 12
// million pixels, against a floor: a map of that size as npz and base64, which is most of an
// answer.
#include <array>
#include <cstdint>
#include <ctime>
#include <string>
#include <vector>

#include <fmt/format.h>

#include "manager_process.hpp"
#include "media/npy.hpp"
#include "media/png_encode.hpp"
#include "run.hpp"
#include "samples.hpp"
#include "service_process.hpp"
#include "tensor/base64.hpp"

namespace npu::bench {
namespace {

constexpr const char* kFormat = "multipart/form-data; boundary=limit";
constexpr std::array kOutputs{"numpy", "image", "depth_png_16", "both"};
constexpr double kMostMemory = 90;  // MB

std::string form_with(const std::string& output, const std::string& picture) {
  const std::string head = "--limit\r\nContent-Disposition: form-data; name=";
  return head + "output_format\r\n\r\n" + output + "\r\n" + head +
         "image; filename=a.png\r\nContent-Type: image/png\r\n\r\n" + picture + "\r\n--limit--\r\n";
}

// Slopes with noise on them, as photographs have it.
std::uint8_t sample(std::size_t x, std::size_t y, std::uint32_t& noise) {
  noise = noise * 1664525U + 1013904223U;
  return static_cast<std::uint8_t>(x / 20 + y / 40 + (noise >> 28));
}

std::string picture(media::Size size) {
  media::Image image(size.width, size.height, 3);
  const auto width = static_cast<std::size_t>(size.width);
  std::uint32_t noise = 1;
  for (std::size_t i = 0; i < image.pixels().size(); ++i) {
    image.pixels()[i] = sample(i / 3 % width, i / 3 / width, noise);
  }
  return media::encode_png(image);
}

// Of this thread, in milliseconds.
double thread_time() {
  timespec time{};
  ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
  return static_cast<double>(time.tv_sec) * 1e3 + static_cast<double>(time.tv_nsec) / 1e6;
}

double floor_of(media::Size size) {
  std::vector<float> row(static_cast<std::size_t>(size.width));
  std::string text;
  Base64Appender base64(text);
  media::NpzEncoder file("depth", DType::kFloat32, {size.height, size.width},
                         [&](std::span<const std::byte> piece) {
                           text.clear();
                           base64.add(piece);
                         });
  std::uint32_t noise = 1;
  double took = 0;
  for (int y = 0; y < size.height; ++y) {
    for (std::size_t x = 0; x < row.size(); ++x) {
      row[x] = static_cast<float>(sample(x, static_cast<std::size_t>(y), noise)) / 255.0F;
    }
    const double begin = thread_time();
    file.add(std::as_bytes(std::span(row)));
    took += thread_time() - begin;
  }
  file.finish();
  return took;
}

int run(Run run) {
  const media::Size size = run.pick(media::Size{4000, 3000}, media::Size{400, 300});
  const ManagerProcess manager{ManagerProcess::OnCpu()};
  const ServiceProcess depth("hailo-depth", manager.socket_path(),
                             NPU_TEST_MODELS "/depth_mean.onnx");
  HttpClient client(depth.port());
  const std::string image = picture(size);
  const double floor = floor_of(size);
  fmt::print("{:<14} {:>12} {:>10}\n", "answer", "ms of a core", "x floor");
  fmt::print("{:<14} {:>12.0f} {:>10}\n", "floor", floor, 1);
  double both = 0;
  for (const char* output : kOutputs) {
    Samples took;
    for (int i = 0; i < run.pick(5, 1); ++i) {
      const auto before = depth.child().cpu_time();
      if (client.post("/v1/depth/estimate", kFormat, form_with(output, image)) != 200) {
        give_up("a picture was not answered 200");
      }
      took.add(depth.child().cpu_time() - before);
    }
    both = took.percentile(0);
    fmt::print("{:<14} {:>12.0f} {:>10.1f}\n", output, both, both / floor);
  }
  const double peak = depth.child().memory_mb("VmHWM");
  fmt::print("peak memory {:.0f} MB\n", peak);
  run.goal("both at most 5 times the floor", both <= 5 * floor);
  run.goal(fmt::format("at most {} MB", kMostMemory), peak <= kMostMemory);
  return run.exit_code();
}

}  // namespace
}  // namespace npu::bench

int main(int argc, char** argv) { return npu::bench::run({argc, argv}); }

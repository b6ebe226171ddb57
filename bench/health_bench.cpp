// Does /health wait behind pictures? 13,000 times GET /health of each picture service while two
// clients have 12-megapixel pictures worked on, against the same service when it is idle.
#include <atomic>
#include <cstdlib>
#include <string>
#include <thread>
#include <vector>

#include <fmt/format.h>

#include "manager_process.hpp"
#include "media/png_encode.hpp"
#include "run.hpp"
#include "samples.hpp"
#include "service_process.hpp"

namespace npu::bench {
namespace {

using namespace std::chrono_literals;

constexpr int kClients = 2;
constexpr const char* kFormat = "multipart/form-data; boundary=limit";

struct Service {
  const char* program;
  const char* model;
  const char* path;
  const char* field;  // what makes its answer some work
  const char* value;
};

constexpr Service kServices[]{
    {"hailo-depth", "scdepthv3", "/v1/depth/estimate", "output_format", "both"},
    {"hailo-detect", "yolov8s", "/v1/detect", "annotated", "true"},
    {"hailo-pose", "yolov8s_pose", "/v1/pose/detect", "annotated", "true"},
    {"hailo-segment", "yolov8s_seg", "/v1/segment", "annotated", "true"}};

std::string form_with(const Service& service, const std::string& picture) {
  const std::string head = "--limit\r\nContent-Disposition: form-data; name=";
  return head + service.field + "\r\n\r\n" + service.value + "\r\n" + head +
         "image; filename=a.png\r\nContent-Type: image/png\r\n\r\n" + picture + "\r\n--limit--\r\n";
}

// Waves of several wavelengths, so that compressing them is some work.
std::string picture(int width, int height) {
  media::Image image(width, height, 3);
  const auto pixels = image.pixels();
  for (std::size_t i = 0; i < pixels.size(); ++i) {
    pixels[i] = static_cast<std::uint8_t>((i / 3 % 251) ^ (i / 30011));
  }
  return media::encode_png(image);
}

Samples ask_health(HttpClient& client, std::size_t answers) {
  Samples samples;
  while (samples.size() < answers) {
    samples.add(time_of([&] {
      if (client.get("/health") != 200) give_up("/health did not answer 200");
    }));
    std::this_thread::sleep_for(2ms);
  }
  return samples;
}

void print_health(const char* name, const Samples& samples, const Samples& idle) {
  fmt::print("{:<12} {:>8} {:>10.3f} {:>10.3f} {:>10.3f} {:>10.3f} {:>8.2f}\n", name,
             samples.size(), samples.median(), samples.percentile(99), samples.percentile(99.9),
             samples.percentile(100), samples.percentile(99) / idle.percentile(99));
}

void measure(Run& run, const ManagerProcess& manager, const Service& service,
             const std::string& image) {
  const ServiceProcess process(service.program, manager.socket_path(),
                               manager.model(service.model));
  const std::string body = form_with(service, image);
  const std::size_t answers = run.pick(13'000, 20);
  HttpClient health(process.port());

  const Samples idle = ask_health(health, run.pick(1'000, 20));

  std::vector<Samples> took(kClients);
  std::vector<std::thread> clients;
  clients.reserve(took.size());
  std::atomic<bool> enough{false};
  for (Samples& samples : took) {
    clients.emplace_back([&] {
      HttpClient client(process.port());
      do {
        samples.add(time_of([&] {
          const unsigned status = client.post(service.path, kFormat, body);
          if (status != 200) give_up(fmt::format("a picture was answered {}", status));
        }));
      } while (!enough);
    });
  }
  const Samples busy = ask_health(health, answers);
  enough = true;
  for (std::thread& client : clients) client.join();
  for (int i = 1; i < kClients; ++i) took[0].add_all(took[static_cast<std::size_t>(i)]);

  fmt::print("{}: {} clients, {} pictures, median {:.0f} ms\n", service.program, kClients,
             took[0].size(), took[0].median());
  fmt::print("{:<12} {:>8} {:>10} {:>10} {:>10} {:>10} {:>8}\n", "/health", "n", "median ms",
             "p99 ms", "p99.9 ms", "max ms", "x idle");
  print_health("idle", idle, idle);
  print_health("under load", busy, idle);
  fmt::print("longest /health against a picture: x {:.3f}\n",
             busy.percentile(100) / took[0].median());
  run.goal("p99.9 of /health under load within 20 ms", busy.percentile(99.9) <= 20);
}

int run(Run run) {
  const ManagerProcess manager("hailo10h.yaml");
  const std::string image = run.pick(picture(4000, 3000), picture(400, 300));
  for (const Service& service : kServices) measure(run, manager, service, image);
  return run.exit_code();
}

}  // namespace
}  // namespace npu::bench

int main(int argc, char** argv) { return npu::bench::run({argc, argv}); }

// What does reading a page of 60 lines cost beside its networks? src/vision against the same
// written plainly with PIL and numpy (text_rival.py), on the same page in the same run; both must
// find the same. And hailo-ocr on a simulated Hailo-10H: lines in batches of 8 against one by one.
#include <cmath>
#include <fstream>
#include <string>
#include <vector>

#include <fmt/format.h>

#include "child.hpp"
#include "families/ocr/best_classes.hpp"
#include "manager_process.hpp"
#include "media/png_encode.hpp"
#include "rival.hpp"
#include "run.hpp"
#include "samples.hpp"
#include "service_process.hpp"
#include "text_scene.hpp"
#include "vision/ctc.hpp"
#include "vision/text_gaps.hpp"
#include "vision/text_map.hpp"
#include "vision/text_strip.hpp"

namespace npu::bench {
namespace {

constexpr double kGoal = 5;
constexpr double kBatchGoal = 2;
constexpr int kStripHeight = 48;

struct Strip {
  int width = 0;
  std::vector<std::uint8_t> pixels;
  std::vector<vision::TextGap> gaps;
};

// Each step of reading the page, and what came of it.
class Page {
 public:
  explicit Page(const TextScene& scene) : scene_(scene) {}

  void measure(int rounds) {
    for (int i = 0; i < rounds; ++i) {
      steps_[0].add(time_of([&] { input_ = vision::resized_page(scene_.picture, kMap); }));
      steps_[1].add(time_of([&] { regions_ = vision::find_text(scene_.map, kMap, {}); }));
      std::ranges::sort(regions_, {}, [](const vision::TextRegion& region) {
        return std::pair(region.quad[0].x, region.quad[0].y);
      });
      steps_[2].add(time_of([&] { cut(); }));
      steps_[3].add(time_of([&] { read(); }));
    }
  }

  double median(std::size_t step) const { return steps_[step].median(); }

  bool same(const std::vector<boost::json::value>& theirs) const {
    const auto& quads = theirs[1].at("result").as_array();
    const auto& strips = theirs[2].at("result").as_array();
    const auto& texts = theirs[3].at("result").as_array();
    bool all = regions_.size() == kLines && quads.size() == kLines && texts.size() == kLines;
    for (std::size_t i = 0; all && i < kLines; ++i) {
      double mean = 0;
      for (const std::uint8_t value : strips_[i].pixels) mean += value;
      mean /= static_cast<double>(strips_[i].pixels.size());
      all = texts[i].as_string() == texts_[i] &&
            std::abs(strips[i].at(0).to_number<double>() - strips_[i].width) <= 1 &&
            std::abs(strips[i].at(1).to_number<double>() - mean) < 2;
    }
    return all;
  }

 private:
  void cut() {
    strips_.resize(regions_.size());
    for (std::size_t i = 0; i < regions_.size(); ++i) {
      vision::Quad quad = regions_[i].quad;
      for (auto& corner : quad) corner = {2 * corner.x, 2 * corner.y};
      Strip& strip = strips_[i];
      strip.width = vision::strip_width(quad, kStripHeight);
      const media::Size text{strip.width, kStripHeight};
      strip.pixels.resize(media::Image::bytes_of(strip.width, kStripHeight, 3));
      vision::cut_strip(scene_.picture, quad, text, strip.width, 128, strip.pixels);
      strip.gaps = vision::find_gaps(strip.pixels, text, strip.width);
    }
  }

  void read() {
    texts_.clear();
    std::vector<float> best(2 * kSteps);
    for (std::size_t i = 0; i < kLines; ++i) {
      const std::size_t each = std::size_t{kSteps} * kClasses;
      families::best_classes(std::span(scene_.scores).subspan(i * each, each), kClasses, best);
      texts_.push_back(vision::read_ctc(best, alphabet_).text);
    }
  }

  const TextScene& scene_;
  vision::Alphabet alphabet_ = vision::Alphabet::latin97();
  Samples steps_[4];
  media::Image input_;
  std::vector<vision::TextRegion> regions_;
  std::vector<Strip> strips_;
  std::vector<std::string> texts_;
};

bool compare_with_numpy(Run& run) {
  const int rounds = run.pick(40, 2);
  const TextScene scene = make_text_scene();
  const Scratch scratch;
  write_floats(scratch.path() / "map.f32", scene.map);
  write_floats(scratch.path() / "scores.f32", scene.scores);
  std::ofstream(scratch.path() / "picture.u8", std::ios::binary)
      .write(reinterpret_cast<const char*>(scene.picture.pixels().data()),
             static_cast<std::streamsize>(scene.picture.pixels().size()));
  Page page(scene);
  page.measure(rounds / 2);
  const auto rival =
      run_rival("text_rival.py", {scratch.path().string(), std::to_string(run.pick(9, 1)),
                                  std::to_string(kMap.width), std::to_string(kMap.height)});
  page.measure(rounds / 2);
  constexpr const char* kSteps[] = {"the page to the detector", "its map to boxes",
                                    "60 lines cut out", "60 lines decoded"};
  if (rival.size() != std::size(kSteps)) give_up("text_rival.py has not done all steps");
  fmt::print("{:<28} {:>12} {:>10} {:>9}\n", "a page of 60 lines", "PIL/numpy ms", "ours ms", "x");
  double theirs = 0;
  double ours = 0;
  for (std::size_t i = 0; i < std::size(kSteps); ++i) {
    const double ms = rival[i].at("ms").to_number<double>();
    fmt::print("{:<28} {:>12.2f} {:>10.2f} {:>9.1f}\n", kSteps[i], ms, page.median(i),
               ms / page.median(i));
    theirs += ms;
    ours += page.median(i);
  }
  fmt::print("{:<28} {:>12.2f} {:>10.2f} {:>9.1f}\n", "together", theirs, ours, theirs / ours);
  const bool same = page.same(rival);
  run.goal("both find and read the same", same);
  run.goal("at least 5 times as fast as PIL and numpy", theirs / ours >= kGoal);
  return same;
}

std::string form_of(const std::string& png) {
  return "--limit\r\nContent-Disposition: form-data; name=image; filename=a.png\r\nContent-Type: "
         "image/png\r\n\r\n" +
         png + "\r\n--limit--\r\n";
}

double page_ms(const ManagerProcess& manager, const std::string& form, int batch, int rounds) {
  const std::string recogniser = manager.model("ocr");
  const ServiceProcess service("hailo-ocr", manager.socket_path(), manager.model("ocr_det"),
                               {"--batch", std::to_string(batch)});
  HttpClient client(service.port());
  Samples samples;
  for (int i = 0; i < rounds; ++i) {
    samples.add(time_of([&] {
      const unsigned status = client.post("/api/ocr", "multipart/form-data; boundary=limit", form);
      if (status != 200) give_up(fmt::format("hailo-ocr: {} {}", status, client.body()));
    }));
  }
  if (boost::json::parse(client.body()).as_array().size() != kLines) {
    give_up("hailo-ocr has not found 60 lines: " + client.body());
  }
  return samples.median();
}

void compare_batches(Run& run) {
  const Scratch scratch;
  const auto profile = scratch.path() / "chip.yaml";
  std::ofstream(profile) << text_profile();
  const ManagerProcess manager(profile);
  media::Image picture(960, 544, 3);
  std::ranges::fill(picture.pixels(), std::uint8_t{200});
  const std::string form = form_of(media::encode_png(picture));
  const int rounds = run.pick(7, 1);
  const double batched = page_ms(manager, form, 8, rounds);
  const double single = page_ms(manager, form, 1, rounds);
  fmt::print("\n{:<28} {:>12} {:>10} {:>9}\n", "60 lines on the chip", "one by one", "8 at once",
             "x");
  fmt::print("{:<28} {:>12.0f} {:>10.0f} {:>9.1f}\n", "a request, ms", single, batched,
             single / batched);
  run.goal("at least twice as fast in batches", single / batched >= kBatchGoal);
}

int run(Run run) {
  if (!compare_with_numpy(run)) return 1;  // however few rounds
  compare_batches(run);
  return run.exit_code();
}

}  // namespace
}  // namespace npu::bench

int main(int argc, char** argv) { return npu::bench::run({argc, argv}); }

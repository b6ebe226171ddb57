// What does a service add between the network's outputs and what was found? Heads and suppression
// of src/vision against the same written plainly with numpy (heads_rival.py), on the same outputs,
// in the same run; both must find the same. Compared are lower quartiles: such short work is mostly
// disturbed by what else the machine does.
#include <cmath>
#include <fstream>
#include <functional>
#include <string>
#include <vector>

#include <boost/json.hpp>
#include <fmt/format.h>

#include "child.hpp"
#include "heads_scene.hpp"
#include "rival.hpp"
#include "run.hpp"
#include "samples.hpp"
#include "vision/pose_head.hpp"
#include "vision/suppress.hpp"

namespace npu::bench {
namespace {

constexpr float kThreshold = 0.4F;
constexpr double kGoal = 5;
constexpr double kTolerance = 0.02;  // pixels, of float32

using Numbers = std::vector<double>;  // of each that was found: box, score, key points

void add(Numbers& numbers, const vision::Detection& one) {
  const vision::Box& box = one.box;
  numbers.insert(numbers.end(), {box.left, box.top, box.right, box.bottom, one.score});
}

Numbers objects_in(const std::vector<vision::Output>& outputs) {
  const auto head = vision::find_head(outputs, kSceneInput);
  if (!head) give_up(head.error().message);
  vision::Candidates candidates(vision::kMaxCandidates);
  vision::decode(*head, outputs, kSceneInput, kThreshold, candidates);
  Numbers numbers;
  for (const auto& one : vision::suppress(std::move(candidates), {})) add(numbers, one);
  return numbers;
}

Numbers people_in(const std::vector<vision::Output>& outputs) {
  const auto head = vision::find_pose_head(outputs, kSceneInput);
  if (!head) give_up(head.error().message);
  vision::Candidates candidates(vision::kMaxCandidates);
  vision::decode_people(*head, outputs, kSceneInput, kThreshold, candidates);
  Numbers numbers;
  for (const auto& one : vision::suppress(std::move(candidates), {.agnostic = true})) {
    add(numbers, one);
    for (const auto& point : vision::key_points_of(*head, outputs, kSceneInput, one.source)) {
      numbers.insert(numbers.end(), {point.x, point.y, point.score});
    }
  }
  return numbers;
}

struct Subject {
  std::string name;
  HeadsScene scene;
  Numbers (*find)(const std::vector<vision::Output>& outputs);
  Samples samples = {};
  Numbers found = {};
};

void measure(Subject& subject, int rounds) {
  const auto outputs = subject.scene.outputs();
  for (int i = 0; i < rounds; ++i) {
    subject.samples.add(time_of([&] { subject.found = subject.find(outputs); }));
  }
}

void write_scenes(const std::vector<Subject>& subjects, const std::filesystem::path& folder) {
  boost::json::array scenes;
  for (const Subject& subject : subjects) {
    boost::json::array tensors;
    for (const SceneTensor& tensor : subject.scene.tensors) {
      const std::string file = fmt::format("{}-{}.f32", subject.scene.head, tensors.size());
      write_floats(folder / file, tensor.data);
      tensors.push_back({{"file", file},
                         {"shape", boost::json::array(tensor.shape.begin(), tensor.shape.end())}});
    }
    scenes.push_back({{"head", subject.scene.head}, {"tensors", std::move(tensors)}});
  }
  std::ofstream(folder / "scenes.json") << boost::json::serialize(scenes);
}

bool same(const Numbers& ours, const boost::json::array& theirs) {
  if (ours.empty() || ours.size() != theirs.size()) return false;
  for (std::size_t i = 0; i < ours.size(); ++i) {
    if (std::abs(ours[i] - theirs[i].to_number<double>()) > kTolerance) return false;
  }
  return true;
}

int run(Run run) {
  const int rounds = run.pick(400, 4);
  std::vector<Subject> subjects;
  subjects.push_back({"detect, raw heads", raw_scene(false), objects_in});
  subjects.push_back({"detect, decoded", decoded_scene(), objects_in});
  subjects.push_back({"pose, raw heads", raw_scene(true), people_in});
  const Scratch scratch;
  write_scenes(subjects, scratch.path());
  for (Subject& subject : subjects) measure(subject, rounds / 2);
  const auto rival = run_rival("heads_rival.py", {scratch.path().string(), std::to_string(rounds)});
  if (rival.size() != subjects.size()) give_up("heads_rival.py has not answered all scenes");
  for (Subject& subject : subjects) measure(subject, rounds / 2);

  fmt::print("{:<20} {:>10} {:>10} {:>9}\n", "outputs of 640 x 640", "numpy ms", "ours ms", "x");
  double least = 1e9;
  bool agree = true;
  for (std::size_t i = 0; i < subjects.size(); ++i) {
    const double theirs = rival[i].at("ms").to_number<double>();
    const double ours = subjects[i].samples.percentile(25);
    fmt::print("{:<20} {:>10.3f} {:>10.3f} {:>9.1f}\n", subjects[i].name, theirs, ours,
               theirs / ours);
    least = std::min(least, theirs / ours);
    agree = agree && same(subjects[i].found, rival[i].at("found").as_array());
  }
  run.goal("the same is found", agree);
  if (!agree) return 1;  // however few rounds
  run.goal("at least 5 times as fast as numpy", least >= kGoal);
  return run.exit_code();
}

}  // namespace
}  // namespace npu::bench

int main(int argc, char** argv) { return npu::bench::run({argc, argv}); }

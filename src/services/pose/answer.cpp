#include "services/pose/answer.hpp"

#include <algorithm>
#include <cmath>

#include <boost/json.hpp>
#include <fmt/format.h>

#include "json/write.hpp"
#include "media/canvas.hpp"

namespace npu::pose {
namespace {

double confidence_of(double score) { return npu::json::rounded(score, 1e4); }

boost::json::object box_of(const kit::Box& box) {
  const auto x = std::lround(box.from.x);
  const auto y = std::lround(box.from.y);
  return {{"x", x},
          {"y", y},
          {"width", std::lround(box.to.x) - x},
          {"height", std::lround(box.to.y) - y}};
}

// The number of the nearest pixel of so many.
long pixel(double at, int count) { return std::min<long>(std::lround(at), count - 1L); }

boost::json::array key_points_of(const Person& person, media::Size picture) {
  boost::json::array points;
  points.reserve(vision::kKeyPoints);
  for (std::size_t i = 0; i < vision::kKeyPoints; ++i) {
    const KeyPoint& point = person.points[i];
    points.push_back({{"name", kKeyPointNames[i]},
                      {"x", pixel(point.at.x, picture.width)},
                      {"y", pixel(point.at.y, picture.height)},
                      {"confidence", confidence_of(point.score)}});
  }
  return points;
}

const KeyPoint& point_of(const Person& person, int index) {
  return person.points[static_cast<std::size_t>(index)];
}

// Calls visit(from, to) for the bones both ends of which are seen.
template <class Visit>
void for_each_bone(const Person& person, double threshold, Visit visit) {
  for (const auto& [from, to] : kSkeleton) {
    const bool seen =
        point_of(person, from).score >= threshold && point_of(person, to).score >= threshold;
    if (seen) visit(from, to);
  }
}

boost::json::array skeleton_of(const Person& person, double threshold) {
  boost::json::array bones;
  for_each_bone(person, threshold, [&](int from, int to) {
    bones.push_back({{"from", kKeyPointNames[static_cast<std::size_t>(from)]},
                     {"to", kKeyPointNames[static_cast<std::size_t>(to)]},
                     {"from_index", from},
                     {"to_index", to}});
  });
  return bones;
}

}  // namespace

const std::array<std::string_view, vision::kKeyPoints> kKeyPointNames{
    "nose",           "left_eye",   "right_eye",   "left_ear",   "right_ear",   "left_shoulder",
    "right_shoulder", "left_elbow", "right_elbow", "left_wrist", "right_wrist", "left_hip",
    "right_hip",      "left_knee",  "right_knee",  "left_ankle", "right_ankle"};

const std::array<Bone, 19> kSkeleton{{{15, 13},
                                      {13, 11},
                                      {16, 14},
                                      {14, 12},
                                      {11, 12},
                                      {5, 11},
                                      {6, 12},
                                      {5, 6},
                                      {5, 7},
                                      {6, 8},
                                      {7, 9},
                                      {8, 10},
                                      {1, 2},
                                      {0, 1},
                                      {0, 2},
                                      {1, 3},
                                      {2, 4},
                                      {3, 5},
                                      {4, 6}}};

std::string detect_text(const Answer& answer) {
  boost::json::array poses;
  for (const Person& person : answer.people) {
    boost::json::object pose{{"person_id", poses.size()},
                             {"bbox", box_of(person.box)},
                             {"bbox_confidence", confidence_of(person.score)},
                             {"keypoints", key_points_of(person, answer.picture)}};
    if (answer.skeleton) pose["skeleton"] = skeleton_of(person, answer.keypoint_threshold);
    poses.push_back(std::move(pose));
  }
  boost::json::object body;
  body["poses"] = std::move(poses);
  body["count"] = answer.people.size();
  body["inference_time_ms"] = answer.inference_time_ms;
  body["image_size"] = {{"width", answer.picture.width}, {"height", answer.picture.height}};
  return npu::json::write(body);
}

std::string plain_text(const Answer& answer) {
  boost::json::array people;
  for (const Person& person : answer.people) {
    boost::json::array points;
    for (std::size_t i = 0; i < vision::kKeyPoints; ++i) {
      const KeyPoint& point = person.points[i];
      if (point.score < answer.keypoint_threshold) continue;
      points.push_back({{"name", kKeyPointNames[i]},
                        {"x", npu::json::rounded(point.at.x, 100)},
                        {"y", npu::json::rounded(point.at.y, 100)}});
    }
    people.push_back({{"person_id", people.size()}, {"keypoints", std::move(points)}});
  }
  std::string text;
  npu::json::append(text, boost::json::value(std::move(people)));
  return text;
}

void draw_on(media::Image& picture, std::span<const Person> people, double keypoint_threshold) {
  media::Canvas canvas(picture);
  for (std::size_t i = people.size(); i-- > 0;) {
    const Person& person = people[i];
    const media::Colour colour = media::palette_colour(i);
    canvas.box(person.box, colour);
    for_each_bone(person, keypoint_threshold, [&](int from, int to) {
      canvas.line(point_of(person, from).at, point_of(person, to).at, colour);
    });
    for (const KeyPoint& point : person.points) {
      if (point.score >= keypoint_threshold) canvas.dot(point.at, colour);
    }
    canvas.label(person.box, fmt::format("person {:.0f}%", 100 * person.score), colour);
  }
}

}  // namespace npu::pose

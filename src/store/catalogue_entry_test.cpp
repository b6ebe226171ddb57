#include "store/catalogue_entry.hpp"

#include <set>
#include <string>
#include <tuple>
#include <vector>

#include <gtest/gtest.h>

#include "store/catalogue.hpp"

namespace npu::store {
namespace {

constexpr const char* kSum = "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff";

// An entry with these lines and a file with these keys.
std::string entry_with(const std::string& lines, const std::string& keys = "path: a.hef") {
  return "name: x\nfamily: detect\n" + lines + "files:\n  hailo10h: {" + keys + "}\n";
}

TEST(CatalogueEntry, Reads_every_key) {
  const auto entry = parse_catalogue_entry(
      "name: yolo\nfamily: detect\nlicence: MIT\nsource: https://example.org/yolo\n"
      "labels: coco80\nhead: decoded\n"
      "input: {width: 640, height: 480, fit: corner, padding: 0}\n"
      "files:\n"
      "  hailo10h: {path: yolo.hef, hailort: 5.2.0, head: boxes, tried: true}\n"
      "  onnx:\n    path: sub/yolo.onnx\n    url: https://example.org/a%20b.onnx\n    size: 123\n"
      "    licence: Apache-2.0\n    package: models-cpu\n    sha256: " +
      std::string(kSum) +
      "\n"
      "    labels: yolo.txt\n"
      "    input: {layout: NCHW, dtype: float32, colour: bgr, step: 32, max_side: 960, mean: [1, "
      "2, 3], std: 255}\n"
      "side_files: [{path: yolo.txt, role: tokenizer, url: http://example.org/yolo.txt}]\n");
  ASSERT_TRUE(entry) << entry.error().message;
  EXPECT_EQ(entry->source, "https://example.org/yolo");
  EXPECT_EQ(entry->labels, "coco80");
  const CatalogueFile& hef = entry->files.at("hailo10h");
  EXPECT_EQ(std::tie(hef.hailort, hef.head, hef.licence), std::make_tuple("5.2.0", "boxes", "MIT"));
  EXPECT_TRUE(hef.tried);
  EXPECT_EQ(hef.input.width, 640);
  EXPECT_FALSE(hef.input.layout);
  const CatalogueFile& onnx = entry->files.at("onnx");
  EXPECT_EQ(std::tie(onnx.path, onnx.url, onnx.sha256, onnx.licence, onnx.package, onnx.head),
            std::make_tuple("sub/yolo.onnx", "https://example.org/a%20b.onnx", kSum, "Apache-2.0",
                            "models-cpu", "decoded"));
  EXPECT_EQ(onnx.size, 123U);
  EXPECT_FALSE(onnx.tried);
  EXPECT_EQ(onnx.input.layout, PixelLayout::kNchw);
  EXPECT_EQ(onnx.input.dtype, DType::kFloat32);
  EXPECT_EQ(onnx.input.colour, PixelColour::kBgr);
  EXPECT_EQ(onnx.input.fit, PictureFit::kCorner);
  EXPECT_EQ(onnx.input.height, 480);
  EXPECT_EQ(onnx.input.padding, 0);
  EXPECT_EQ(onnx.input.step, 32);
  EXPECT_EQ(onnx.input.max_side, 960);
  EXPECT_EQ(onnx.labels, "yolo.txt");
  EXPECT_EQ(hef.labels, "coco80");
  EXPECT_EQ(onnx.input.mean->at(2), 3.0);
  EXPECT_EQ(onnx.input.std->at(2), 255.0);
  ASSERT_EQ(entry->side_files.size(), 1U);
  EXPECT_EQ(entry->side_files[0].path, "yolo.txt");
  EXPECT_EQ(entry->side_files[0].role, "tokenizer");
  EXPECT_EQ(entry->side_files[0].licence, "MIT");
}

TEST(CatalogueEntry, Names_the_key_that_is_wrong_and_what_would_be_right) {
  const std::vector<std::tuple<std::string, std::string>> rows = {
      {"[]", "a catalogue file must be a mapping"},
      {"family: x\nfiles: {}", "name is missing"},
      {"name: x\nfiles: {}", "family is missing"},
      {"name: x\nfamily: y", "files must be a mapping"},
      {"name: X/Y\nfamily: y\nfiles: {}", "name must be lower-case letters, digits and . _ -"},
      {"name: [a]\nfamily: y\nfiles: {}",
       "name must be a text of at most 64 bytes in one line, got"
       " a list"},
      {"name: x\nfamily: y\nfiles: {onnx: {}}", "files.onnx must have a path"},
      {"name: x\nfamily: y\nfiles: {onnx: [a]}", "files.onnx must have a path"},
      {"name: x\nfamily: y\nfiles: {../x: {path: a}}", "the keys of files must be device kinds"},
      {"name: x\nfamily: y\nfiles: {onnx: {path: a}, onnx: {path: b}}", "is there twice"},
      {entry_with("", "path: ../../etc/passwd"), "files.hailo10h.path must be a name below"},
      {entry_with("", "path: /etc/passwd"), "files.hailo10h.path must be a name below"},
      {entry_with("", "path: a/../b"), "files.hailo10h.path must be a name below"},
      {entry_with("", "path: a//b"), "files.hailo10h.path must be a name below"},
      {entry_with("", "path: .hidden"), "files.hailo10h.path must be a name below"},
      {entry_with("", "path: \"a\\nb\""), "files.hailo10h.path must be a text"},
      {entry_with("", "path: a, size: big"), "files.hailo10h.size must be a whole number in 1.."},
      {entry_with("", "path: a, size: -1"), "files.hailo10h.size must be a whole number in 1.."},
      {entry_with("", "path: a, size: 1e99"), "files.hailo10h.size must be a whole number in 1.."},
      {entry_with("", "path: a, sha256: abc"), "files.hailo10h.sha256 must be 64 lower-case"},
      {entry_with("", "path: a, url: \"file:///etc/passwd\""), "files.hailo10h.url must be an"},
      {entry_with("", "path: a, url: \"https://\""), "files.hailo10h.url must be an address"},
      {entry_with("", "path: a, url: \"https://x/a b\""), "files.hailo10h.url must be an address"},
      {entry_with("", "path: a, hailort: newest"), "files.hailo10h.hailort must be a release"},
      {entry_with("", "path: a, tried: perhaps"), "files.hailo10h.tried must be true or false"},
      {entry_with("", "path: a, input: {std: 0}"), "files.hailo10h.input.std must be a number or"},
      {entry_with("", "path: a, input: {mean: [1, 2]}"), "files.hailo10h.input.mean must be"},
      {entry_with("input: {layout: chw}\n"), "input.layout must be one of nhwc, nchw, got chw"},
      {entry_with("input: {width: 0}\n"), "input.width must be a whole number in 1..16384, got 0"},
      {entry_with("input: 5\n"), "input must be a mapping"},
      {entry_with("labels: ../names\n"), "labels must be a set's or file's name"},
      {entry_with("labels: [cat, {a: b}]\n"), "labels must be at most 20000 names of 1..255"},
      {entry_with("side_files: {a: b}\n"), "side_files must be a list of at most 16"},
      {entry_with("side_files: [{url: \"https://x\"}]\n"), "side_files.0 must have a path"},
      {std::string(kMaxCatalogueBytes + 1, ' '), "a catalogue file has at most 65536 bytes"},
  };
  for (const auto& [yaml, message] : rows) {
    const auto entry = parse_catalogue_entry(yaml);
    ASSERT_FALSE(entry) << yaml;
    EXPECT_EQ(entry.error().code, ErrorCode::kMalformed);
    EXPECT_NE(entry.error().message.find(message), std::string::npos) << yaml << "\n"
                                                                      << entry.error().message;
  }
  EXPECT_FALSE(parse_catalogue_entry("{"));
  EXPECT_FALSE(parse_catalogue_entry(std::string(kMaxCatalogueBytes, '[')));
}

TEST(ModelYaml, Needs_nothing_and_is_as_strict) {
  const auto yaml = parse_model_yaml("labels: [cat, dog]\nhead: yolox\ninput: {fit: corner}\n");
  ASSERT_TRUE(yaml) << yaml.error().message;
  EXPECT_EQ(yaml->label_names, (std::vector<std::string>{"cat", "dog"}));
  EXPECT_EQ(yaml->head, "yolox");
  EXPECT_EQ(yaml->input.fit, PictureFit::kCorner);
  EXPECT_TRUE(parse_model_yaml("{}"));
  EXPECT_EQ(parse_model_yaml("[]").error().message, "a model.yaml must be a mapping");
  EXPECT_EQ(parse_model_yaml("input: {layout: hwc}").error().message,
            "input.layout must be one of nhwc, nchw, got hwc");
}

TEST(CatalogueEntry, Keys_of_a_newer_program_are_left_alone) {
  EXPECT_TRUE(parse_catalogue_entry(entry_with("output: {shape: [1]}\n", "path: a, mirror: b")));
}

TEST(ShippedCatalogue, Every_entry_can_be_read_and_says_where_it_is_from_and_what_it_is) {
  std::vector<std::string> problems;
  const Catalogue catalogue = Catalogue::read(NPU_CATALOGUE, problems);
  EXPECT_EQ(problems, std::vector<std::string>());
  EXPECT_GE(catalogue.entries().size(), 19U);
  std::set<std::string> paths;
  for (const CatalogueEntry& entry : catalogue.entries()) {
    SCOPED_TRACE(entry.name);
    EXPECT_EQ(catalogue.by_name(entry.name), &entry) << "two entries have this name";
    const bool ours = entry.licence == "MIT" && entry.files.size() == 1;
    EXPECT_TRUE(entry.source.starts_with("https://") || (ours && entry.source.empty()));
    for (const auto& [device, file] : entry.files) {
      SCOPED_TRACE(device);
      EXPECT_FALSE(file.licence.empty());
      EXPECT_FALSE(file.head.empty());
      const bool takes_pictures = file.head != "token-features";
      EXPECT_EQ(file.input.width.has_value(), takes_pictures);
      EXPECT_EQ(file.input.height.has_value(), takes_pictures);
      EXPECT_TRUE(file.url.starts_with("https://") || !file.package.empty());
      EXPECT_EQ(file.path.ends_with(".onnx"), device == "onnx");
      EXPECT_TRUE(paths.insert(file.path).second) << "two files would have the name " << file.path;
      const std::string part = device == "onnx" ? ".onnx" : "/" + device + "/";
      EXPECT_TRUE(file.url.empty() || file.url.find(part) != std::string::npos) << file.url;
    }
  }
}

}  // namespace
}  // namespace npu::store

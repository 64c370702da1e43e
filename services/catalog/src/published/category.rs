//! The catalog's twelve categories.

/// A category of capabilities.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Category {
    /// Its slug.
    pub slug: &'static str,
    /// Its English name.
    pub en: &'static str,
    /// Its Chinese name.
    pub zh: &'static str,
}

/// Every category, in the order they are shown.
pub const CATEGORIES: &[Category] = &[
    Category { slug: "speech", en: "Speech", zh: "语音技术" },
    Category { slug: "ocr", en: "OCR / Text Recognition", zh: "文字识别" },
    Category { slug: "image", en: "Image Recognition & Processing", zh: "图像技术" },
    Category { slug: "face-body", en: "Face & Body", zh: "人脸与人体识别" },
    Category { slug: "video", en: "Video", zh: "视频技术" },
    Category { slug: "ar-vr", en: "AR / VR", zh: "增强现实与虚拟现实" },
    Category { slug: "nlp", en: "Natural Language Processing", zh: "自然语言处理" },
    Category { slug: "knowledge", en: "Knowledge Graph", zh: "知识图谱" },
    Category { slug: "data-intelligence", en: "Data Intelligence", zh: "数据智能" },
    Category { slug: "translation", en: "Machine Translation", zh: "机器翻译" },
    Category { slug: "recommendation", en: "Recommendation & Search", zh: "推荐与搜索" },
    Category { slug: "robotics-edge", en: "Robotics & Edge", zh: "机器人与边缘智能" },
];

/// The category with this slug.
pub fn find(slug: &str) -> Option<&'static Category> {
    CATEGORIES.iter().find(|category| category.slug == slug)
}
